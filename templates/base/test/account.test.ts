// What users change about themselves, and what ends with it.
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import {
  accountClient,
  newAddress,
  newPassword,
  sortedStatuses,
} from './support/account-client.ts';
import { tokenIn } from './support/mailed-links.ts';
import { mailsIn } from './support/sent-mail.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();
const client = accountClient(service);
const { follow, inbox, login, me, newLink, refresh } = client;

describe('verifying an address', () => {
  test('shows in the user, and no other mail is sent after it', async () => {
    const { user, token } = await newLink('verify');
    expect((await me(user)).emailVerified).toBe(false);
    expect((await follow('verify', token)).status).toBe(204);
    expect((await me(user)).emailVerified).toBe(true);
    expect((await client.resend(user)).status).toBe(202);
    expect(await actsOf(user.email)).toEqual(['user.registered', 'user.email_verified']);
  });
});

describe('resetting a password', () => {
  test('sets it, proves the address, ends every session, and tells the user', async () => {
    const { user, token } = await newLink('reset');
    const other = await login(user.email, user.password);
    expect((await follow('reset', token)).status).toBe(200);

    expect((await login(user.email, user.password)).status).toBe(401);
    const again = await login(user.email, newPassword);
    expect(again.status).toBe(200);
    expect((await refresh(user)).status).toBe(401);
    expect((await refresh(other)).status).toBe(401);
    expect((await refresh(again)).status).toBe(200);
    expect(await isVerified(user.email)).toBe(true);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf(user.email)).toContain('user.password_reset');
  });

  test('with a password that is refused leaves the link as it was', async () => {
    const { user, token } = await newLink('reset');
    for (const password of ['password1', user.email.toUpperCase()]) {
      const { status, body } = await service.post('/v1/auth/password/reset', { token, password });
      expect([status, body.code]).toEqual([422, 'weak_password']);
    }
    expect((await follow('reset', token)).status).toBe(200);
  });

  test('also stops a change of the address that is under way', async () => {
    const { user, token: change } = await newLink('change');
    await client.forgot(user.email);
    const reset = tokenIn(await inbox(user.email, 3));
    expect((await follow('reset', reset)).status).toBe(200);
    expect((await follow('change', change)).status).toBe(410);
  });
});

describe('changing a password', () => {
  test('ends every other session and keeps this one, and open links die', async () => {
    const { user, token } = await newLink('reset');
    const other = await login(user.email, user.password);
    expect((await client.changePassword(user, user.password, newPassword)).status).toBe(204);

    expect((await refresh(user)).status).toBe(200);
    expect((await refresh(other)).status).toBe(401);
    expect((await follow('reset', token)).status).toBe(410);
    expect((await login(user.email, newPassword)).status).toBe(200);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf(user.email)).toContain('user.password_changed');
  });

  test('takes the current password, and says where it was wrong', async () => {
    const user = await signUp(service);
    const { status, body } = await client.changePassword(user, 'not the password', newPassword);
    expect([status, body.code]).toEqual([422, 'wrong_password']);
    expect(body.errors[0].pointer).toBe('#/currentPassword');
    expect((await login(user.email, user.password)).status).toBe(200);
  });

  test('happens once where two do it at once', async () => {
    const user = await signUp(service);
    const wanted = ['the first of two', 'the second of two'];
    const answers = await Promise.all(
      wanted.map((password) => client.changePassword(user, user.password, password)),
    );
    expect(sortedStatuses(answers)).toEqual([204, 422]);
    const logins = await Promise.all(wanted.map((password) => login(user.email, password)));
    expect(logins.map(({ status }) => status)).toEqual(
      answers.map(({ status }) => (status === 204 ? 200 : 401)),
    );
  });
});

describe('changing an address', () => {
  test('happens when the link is followed, and both addresses are told', async () => {
    const { user, email, token } = await newLink('change');
    expect((await me(user)).email).toBe(user.email);
    const notice = await inbox(user.email, 2);
    expect(notice.text).toContain(email);
    expect(notice.text).not.toContain('token=');

    expect((await follow('change', token)).status).toBe(200);
    expect(await me(user)).toMatchObject({ email, emailVerified: true });
    expect((await login(email, user.password)).status).toBe(200);
    expect((await login(user.email, user.password)).status).toBe(401);
    expect((await inbox(user.email, 3)).subject).toContain('was changed');
    expect(await actsOf(email)).toContain('user.email_changed');
    expect(await accountNameOf(email)).toBe(email);
  });

  test('takes the current password, and another address', async () => {
    const user = await signUp(service);
    const wrong = await client.changeEmail({ ...user, password: 'not it' }, newAddress());
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '#/currentPassword']);
    const same = await client.changeEmail(user, user.email);
    expect([same.status, same.body.errors[0].pointer]).toEqual([422, '#/email']);
  });

  test('ends the links in the mailbox that was left behind, should it come back too', async () => {
    const { user, email, token } = await newLink('change');
    await client.forgot(user.email);
    const old = tokenIn(await inbox(user.email, 3));
    await follow('change', token);
    expect((await follow('reset', old)).status).toBe(410);
    await service.database.connection.query('UPDATE users SET email = ? WHERE email = ?', [
      user.email,
      email,
    ]);
    expect((await follow('reset', old)).status).toBe(410);
    expect((await login(user.email, user.password)).status).toBe(200);
  });

  test('to one that two ask for goes to one of them, and the other’s stays as it was', async () => {
    const email = newAddress();
    const users = [await signUp(service), await signUp(service)];
    for (const user of users) await client.changeEmail(user, email);
    await inbox(email, 2);
    const mails = (await mailsIn(service.mailFolder)).filter(({ to }) => to === email);
    const answers = await Promise.all(mails.map((mail) => follow('change', tokenIn(mail))));

    expect(sortedStatuses(answers)).toEqual([200, 409]);
    const emails = await Promise.all(users.map(async (user) => (await me(user)).email));
    expect(emails.filter((each) => each === email)).toHaveLength(1);
    expect(users.map((user) => user.email)).toContain(emails.find((each) => each !== email));
  });

  test('to one that is registered meanwhile is refused', async () => {
    const { user, email, token } = await newLink('change');
    await service.post('/v1/auth/register', { email, password: newPassword });
    expect((await follow('change', token)).status).toBe(409);
    expect((await me(user)).email).toBe(user.email);
  });
});

describe('where addresses have to be verified', () => {
  const strict = useService({ EMAIL_VERIFICATION: 'required' });

  const { login: tryWith, inbox: strictInbox, follow: followStrictly } = accountClient(strict);
  const register = async (email: string) => {
    await strict.post('/v1/auth/register', { email, password: newPassword });
    return tokenIn(await strictInbox(email));
  };

  test('nobody signs in before, and who tries with the right password gets the link again', async () => {
    const email = newAddress();
    const first = await register(email);
    expect((await tryWith(email, 'not the password')).status).toBe(401);
    expect((await tryWith(email, newPassword)).status).toBe(401);

    const again = tokenIn(await strictInbox(email, 2));
    expect((await followStrictly('verify', first)).status).toBe(410);
    await followStrictly('verify', again);
    expect((await tryWith(email, newPassword)).status).toBe(200);
  });

  test('who registers an address and signs in does not learn whether it was taken', async () => {
    const taken = newAddress();
    await followStrictly('verify', await register(taken));
    const seen = [];
    for (const email of [taken, newAddress()]) {
      const password = 'the password of a stranger';
      await strict.post('/v1/auth/register', { email, password });
      const answers = [];
      for (let turn = 0; turn <= 5; turn += 1) {
        const { status, body } = await strict.post('/v1/auth/login', { email, password });
        answers.push([status, body.code]);
      }
      seen.push(answers);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.[0]).toEqual([401, 'invalid_credentials']);
    expect(seen[0]?.[5]).toEqual([429, 'too_many_attempts']);
  });
});

/** What the audit log has of a user, the oldest first. */
async function actsOf(email: string): Promise<string[]> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    "SELECT action FROM audit_log JOIN users ON subject = CONCAT('user:', users.id) WHERE email = ? ORDER BY audit_log.id",
    [email],
  );
  return rows.map(({ action }) => String(action));
}

async function accountNameOf(email: string): Promise<unknown> {
  const [[row]] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT name FROM accounts JOIN users ON accounts.id = account_id WHERE email = ?',
    [email],
  );
  return row?.['name'];
}

async function isVerified(email: string): Promise<boolean> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT 1 FROM users WHERE email = ? AND email_verified_at IS NOT NULL',
    [email],
  );
  return rows.length === 1;
}
