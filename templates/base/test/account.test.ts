// Links in mails, and what they change.
import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { linkIn, tokenIn } from './support/links.ts';
import { mailsIn, mailTo } from './support/mails.ts';
import { useService } from './support/service.ts';
import { signUp, type SignedInUser } from './support/users.ts';

const service = useService({ APP_ORIGIN: 'https://app.example.com' });
const password = 'another long password';
const newAddress = () => `${randomBytes(6).toString('hex')}@example.com`;
const inbox = (email: string, count?: number) => mailTo(service.mailFolder, email, count);

const verify = (token: string) => service.post('/v1/auth/email/verify', { token });
const reset = (token: string) => service.post('/v1/auth/password/reset', { token, password });
const forgot = (email: string) => service.post('/v1/auth/password/forgot', { email });
const refresh = ({ refreshToken }: { refreshToken: string }) =>
  service.post('/v1/auth/refresh', { refreshToken });
const login = async (email: string, tried: string) => {
  const { status, body } = await service.post('/v1/auth/login', { email, password: tried });
  return { status, ...(body as SignedInUser) };
};
const askChange = (user: SignedInUser, email: string) =>
  service.post(
    '/v1/auth/email/change',
    { currentPassword: user.password, email },
    user.authorization,
  );
const confirmChange = (token: string) => postForm('/auth/confirm-email-change', { token });
const changePassword = (user: SignedInUser, currentPassword: string, next = password) =>
  service.post('/v1/auth/password/change', { currentPassword, password: next }, user.authorization);
const me = async (user: SignedInUser) =>
  (await service.get('/v1/auth/me', user.authorization)).body.user;

function postForm(path: string, fields: Record<string, string>) {
  return fetch(new URL(path, service.url), { method: 'POST', body: new URLSearchParams(fields) });
}

const pages = {
  verify: '/auth/verify-email',
  reset: '/auth/reset-password',
  change: '/auth/confirm-email-change',
};
const isOpen = async (purpose: keyof typeof pages, token: string) =>
  (await service.get(`${pages[purpose]}?token=${token}`)).status === 200;

const sorted = (answers: readonly { status: number }[]) =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);

/** What the audit log has of a user, the oldest first. */
async function actsOf({ email }: { email: string }): Promise<string[]> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    "SELECT action FROM audit_log JOIN users ON subject = CONCAT('user:', users.id) WHERE email = ? ORDER BY audit_log.id",
    [email],
  );
  return rows.map(({ action }) => String(action));
}

/** A link of each purpose, freshly sent, with what follows it and says how that went. */
const links = {
  verify: async () => {
    const user = await signUp(service);
    return { user, token: tokenIn(await inbox(user.email)), follow: verify };
  },
  reset: async () => {
    const user = await signUp(service);
    await forgot(user.email);
    return { user, token: tokenIn(await inbox(user.email, 2)), follow: reset };
  },
  change: async () => {
    const user = await signUp(service);
    const email = newAddress();
    await askChange(user, email);
    return { user, email, token: tokenIn(await inbox(email)), follow: confirmChange };
  },
};
const purposes = ['verify', 'reset', 'change'] as const;

describe.for(purposes)('a link to %s', (purpose) => {
  test('works once, even for twenty at once', async () => {
    const { token, follow } = await links[purpose]();
    const answers = await Promise.all(Array.from({ length: 20 }, () => follow(token)));
    const statuses = sorted(answers);
    expect(statuses[0]).toBeLessThan(300);
    expect(statuses.slice(1)).toEqual(Array.from({ length: 19 }, () => 410));
  });

  test('is no use for anything else', async () => {
    const { token } = await links[purpose]();
    const others = { verify, reset, change: confirmChange };
    for (const other of purposes.filter((each) => each !== purpose)) {
      expect((await others[other](token)).status).toBe(410);
    }
  });

  test('works until its time is over', async () => {
    const { user, token, follow } = await links[purpose]();
    const hours = purpose === 'verify' ? 24 : 1;
    const letPass = (seconds: number) =>
      service.database.connection.query(
        'UPDATE email_tokens SET expires_at = expires_at - INTERVAL ? SECOND WHERE user_id = (SELECT id FROM users WHERE email = ?)',
        [seconds, user.email],
      );
    await letPass(hours * 3600 - 60);
    expect(await isOpen(purpose, token)).toBe(true);
    await letPass(61);
    expect(await isOpen(purpose, token)).toBe(false);
    expect((await follow(token)).status).toBe(410);
  });

  test('is stored as a hash alone', async () => {
    const { token } = await links[purpose]();
    const [rows] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT * FROM email_tokens',
    );
    const stored = rows.flatMap((row) => Object.values(row).map(asHex)).join(' ');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(stored).not.toContain(asHex(token));
    expect(stored).not.toContain(asHex(Buffer.from(token, 'base64url')));
  });

  test('is dead when a newer one was sent', async () => {
    const { user, token, follow } = await links[purpose]();
    const email = newAddress();
    if (purpose === 'verify') await service.post('/v1/auth/email/resend', {}, user.authorization);
    if (purpose === 'reset') await forgot(user.email);
    if (purpose === 'change') await askChange(user, email);
    expect((await follow(token)).status).toBe(410);
    const newer =
      purpose === 'change'
        ? await inbox(email)
        : await inbox(user.email, purpose === 'verify' ? 2 : 3);
    expect((await follow(tokenIn(newer))).status).toBeLessThan(300);
  });

  test('is made from APP_ORIGIN, whatever a request calls this host', async () => {
    const spoofed = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    const user = await signUp(service);
    const email = purpose === 'change' ? newAddress() : user.email;
    if (purpose === 'verify') {
      await service.post('/v1/auth/email/resend', {}, { ...spoofed, ...user.authorization });
    } else if (purpose === 'reset') {
      await service.post('/v1/auth/password/forgot', { email }, spoofed);
    } else {
      const input = { currentPassword: user.password, email };
      await service.post('/v1/auth/email/change', input, { ...spoofed, ...user.authorization });
    }
    const mail = await inbox(email, purpose === 'change' ? 1 : 2);
    expect(linkIn(mail).origin).toBe('https://app.example.com');
    for (const [url] of mail.text.matchAll(/https?:\S+/g)) {
      expect(new URL(url).origin).toBe('https://app.example.com');
    }
  });
});

test('a link to an address that is no longer the user’s opens nothing', async () => {
  for (const purpose of ['verify', 'reset'] as const) {
    const { user, token, follow } = await links[purpose]();
    await service.database.connection.query('UPDATE users SET email = ? WHERE email = ?', [
      newAddress(),
      user.email,
    ]);
    expect((await follow(token)).status).toBe(410);
  }
});

test('two links asked for at once leave one that works', async () => {
  const { email } = await signUp(service);
  await Promise.all([forgot(email), forgot(email), forgot(email)]);
  await inbox(email, 4);
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    "SELECT 1 FROM email_tokens WHERE purpose = 'reset' AND email = ?",
    [email],
  );
  expect(rows).toHaveLength(1);
});

test('a link of a purpose leads to its page, which only looks', async () => {
  for (const purpose of purposes) {
    const { token } = await links[purpose]();
    const before = await contents();
    for (let turn = 0; turn < 3; turn += 1) expect(await isOpen(purpose, token)).toBe(true);
    await fetch(new URL(`${pages[purpose]}?token=${token}`, service.url), { method: 'HEAD' });
    expect(await contents()).toEqual(before);
  }
});

async function contents(): Promise<RowDataPacket[]> {
  const [sums] = await service.database.connection.query<RowDataPacket[]>(
    'CHECKSUM TABLE email_tokens, users, sessions, audit_log',
  );
  return sums;
}

describe('verifying an address', () => {
  test('shows in the user, and no other mail is sent after it', async () => {
    const { user, token } = await links.verify();
    expect((await me(user)).emailVerified).toBe(false);
    expect((await verify(token)).status).toBe(204);
    expect((await me(user)).emailVerified).toBe(true);
    expect((await service.post('/v1/auth/email/resend', {}, user.authorization)).status).toBe(202);
    expect(await actsOf(user)).toEqual(['user.registered', 'user.email_verified']);
  });
});

describe('resetting a password', () => {
  test('sets it, proves the address, ends every session, and tells the user', async () => {
    const { user, token } = await links.reset();
    const other = await login(user.email, user.password);
    expect((await reset(token)).status).toBe(204);

    expect((await login(user.email, user.password)).status).toBe(401);
    const again = await login(user.email, password);
    expect(again.status).toBe(200);
    expect((await refresh(user)).status).toBe(401);
    expect((await refresh(other)).status).toBe(401);
    expect((await refresh(again)).status).toBe(200);
    expect((await me(user)).emailVerified).toBe(true);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf(user)).toContain('user.password_reset');
  });

  test('with a password that is refused leaves the link as it was', async () => {
    const { user, token } = await links.reset();
    const weak = await service.post('/v1/auth/password/reset', { token, password: 'password1' });
    expect([weak.status, weak.body.code]).toEqual([422, 'weak_password']);
    const own = { token, password: user.email.toUpperCase() };
    expect((await service.post('/v1/auth/password/reset', own)).status).toBe(422);
    expect((await reset(token)).status).toBe(204);
  });

  test('also stops a change of the address that is under way', async () => {
    const { user, token: change } = await links.change();
    await forgot(user.email);
    expect((await reset(tokenIn(await inbox(user.email, 3)))).status).toBe(204);
    expect((await confirmChange(change)).status).toBe(410);
  });
});

describe('changing a password', () => {
  test('ends every other session and keeps this one, and open links die', async () => {
    const { user, token } = await links.reset();
    const other = await login(user.email, user.password);
    expect((await changePassword(user, user.password)).status).toBe(204);

    expect((await refresh(user)).status).toBe(200);
    expect((await refresh(other)).status).toBe(401);
    expect((await reset(token)).status).toBe(410);
    expect((await login(user.email, password)).status).toBe(200);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf(user)).toContain('user.password_changed');
  });

  test('takes the current password, and says where it was wrong', async () => {
    const user = await signUp(service);
    const { status, body } = await changePassword(user, 'not the password');
    expect([status, body.code]).toEqual([422, 'wrong_password']);
    expect(body.errors[0].pointer).toBe('#/currentPassword');
    expect((await login(user.email, user.password)).status).toBe(200);
  });

  test('happens once where two do it at once', async () => {
    const user = await signUp(service);
    const answers = await Promise.all([
      changePassword(user, user.password, 'the first of two'),
      changePassword(user, user.password, 'the second of two'),
    ]);
    expect(sorted(answers)).toEqual([204, 422]);
    const winner = answers[0]?.status === 204 ? 'the first of two' : 'the second of two';
    expect((await login(user.email, winner)).status).toBe(200);
  });
});

describe('changing an address', () => {
  test('happens when the link is followed, and both addresses are told', async () => {
    const user = await signUp(service);
    const email = newAddress();
    expect((await askChange(user, email)).status).toBe(202);
    expect((await me(user)).email).toBe(user.email);
    const notice = await inbox(user.email, 2);
    expect(notice.text).toContain(email);
    expect(notice.text).not.toContain('token=');

    const page = await confirmChange(tokenIn(await inbox(email)));
    expect(page.status).toBe(200);
    expect(await me(user)).toMatchObject({ email, emailVerified: true });
    expect((await login(email, user.password)).status).toBe(200);
    expect((await login(user.email, user.password)).status).toBe(401);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf({ ...user, email })).toContain('user.email_changed');
  });

  test('takes the current password, and another address', async () => {
    const user = await signUp(service);
    const wrong = await askChange({ ...user, password: 'not the password' }, newAddress());
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '#/currentPassword']);
    const same = await askChange(user, user.email);
    expect([same.status, same.body.errors[0].pointer]).toEqual([422, '#/email']);
  });

  test('links in the mailbox that was left behind no longer work', async () => {
    const { user, token: old } = await links.reset();
    const email = newAddress();
    await askChange(user, email);
    await confirmChange(tokenIn(await inbox(email)));
    expect((await reset(old)).status).toBe(410);
    expect((await login(email, user.password)).status).toBe(200);
  });

  test('an address that two ask for goes to one, and the other keeps his', async () => {
    const email = newAddress();
    const users = [await signUp(service), await signUp(service)];
    for (const user of users) await askChange(user, email);
    await inbox(email, 2);
    const mails = (await mailsIn(service.mailFolder)).filter(({ to }) => to === email);
    const answers = await Promise.all(mails.map((mail) => confirmChange(tokenIn(mail))));
    expect(sorted(answers)).toEqual([200, 409]);
    const emails = await Promise.all(users.map(async (user) => (await me(user)).email));
    expect(emails.filter((each) => each === email)).toHaveLength(1);
    expect(users.map((user) => user.email)).toContain(emails.find((each) => each !== email));
  });

  test('an address that is registered meanwhile stays where it is', async () => {
    const { user, token, email } = await links.change();
    await service.post('/v1/auth/register', { email, password });
    expect((await confirmChange(token)).status).toBe(409);
    expect((await me(user)).email).toBe(user.email);
  });
});

describe('where addresses have to be verified', () => {
  const strict = useService({ EMAIL_VERIFICATION: 'required' });

  test('nobody signs in before, and only who knows the password learns why', async () => {
    const email = newAddress();
    const tryWith = (tried: string) => strict.post('/v1/auth/login', { email, password: tried });
    await strict.post('/v1/auth/register', { email, password });
    expect((await tryWith('not the password')).body.code).toBe('invalid_credentials');
    const { status, body } = await tryWith(password);
    expect([status, body.code]).toEqual([403, 'email_not_verified']);

    const token = tokenIn(await mailTo(strict.mailFolder, email));
    await strict.post('/v1/auth/email/verify', { token });
    expect((await tryWith(password)).status).toBe(200);
  });
});

function asHex(value: unknown): string {
  return Buffer.from(value instanceof Buffer ? value : String(value)).toString('hex');
}
