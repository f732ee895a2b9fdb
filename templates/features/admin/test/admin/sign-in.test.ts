// How operators sign in, and that nobody learns from it who is one.
import { argon2Sync, randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { useService, type Answer } from '../support/service.ts';
import { watchWork } from '../support/watch-work.ts';
import {
  auditOf,
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  invite,
  sendForm,
  signIn,
} from './support/enrolled.ts';

const service = useService();

// The connections that the requests need are made, and said what holds on them.
beforeAll(async () => {
  await Promise.all(Array.from({ length: 4 }, () => enrol(service)));
});

test('who has the password and a code is let in, and the audit log knows', async () => {
  const operator = await enrol(service);
  const answer = await signIn(service, { ...operator, code: await operator.code() });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin']);

  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^sid=[\w-]{43}; .*HttpOnly; SameSite=Strict/);
  const page = await service.get('/admin/me', { cookie: cookie.split(';')[0] ?? '' });
  expect([page.status, page.body]).toEqual([200, expect.stringContaining(operator.email)]);
  const subject = `admin:${operator.id}`;
  expect(await auditOf(service, 'admin.signed_in')).toContainEqual(
    expect.objectContaining({ actor: subject, subject }),
  );
});

test('A1: a cookie that was there before is never taken over, and its session ends', async () => {
  const operator = await enrol(service);
  const planted = `sid=${randomBytes(32).toString('base64url')}`;
  const { session: before } = await cookiesOf(service, operator);
  for (const cookie of [planted, before]) {
    const given = { ...operator, code: await operator.code() };
    const answer = await signIn(service, given, { ...fromOwnPage, cookie });
    const after = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect(after).not.toBe(cookie);
    expect((await service.get('/admin/me', { cookie: after })).status).toBe(200);
    expect((await service.get('/admin/me', { cookie })).status).toBe(303);
  }
});

test('A7: whatever is wrong, the answer is the same, after the same work', async () => {
  const [operator, disabled] = [await enrol(service), await enrol(service)];
  const { connection } = service.database;
  await connection.execute('UPDATE admin_users SET disabled_at = NOW(3) WHERE id = ?', [
    disabled.id,
  ]);
  const used = await operator.code();
  await signIn(service, { ...operator, code: used });
  const other = await enrol(service);
  // As long as theirs: the page shows again what was typed.
  const nobody = `operator-${randomBytes(6).toString('hex')}@example.com`;
  const wrong = 'not the password';
  const attempts = {
    unknown: { email: nobody, password: wrong, code: '000000' },
    'wrong password': { email: other.email, password: wrong, code: await other.code() },
    'wrong code': { ...(await enrol(service)), code: 'not a code' },
    'used code': { ...operator, code: used },
    'used recovery code': await withUsedRecoveryCode(),
    disabled: { ...disabled, code: await disabled.code() },
    'not enrolled': { ...(await invite(service)), password: wrong, code: '000000' },
  };
  const first = await tried(attempts.unknown);
  expect(first).toMatchObject({ status: 422, work: { hashes: 1 } });
  expect(first.work.statements.length).toBeGreaterThan(5);
  for (const [name, given] of Object.entries(attempts)) {
    expect({ name, ...(await tried(given)) }).toEqual({ name, ...first });
  }
});

test('failures are recorded with the operator where there is one, and without what was typed', async () => {
  const operator = await enrol(service);
  const typed = `${randomBytes(6).toString('hex')}@example.com`;
  await signIn(service, { email: typed, password: 'not the password', code: '000000' });
  await signIn(service, { ...operator, code: '000000' });

  const entries = (await auditOf(service, 'admin.sign_in_failed')).slice(-2);
  expect(entries).toMatchObject([
    { actor: 'anonymous', subject: null, detail: { reason: 'unknown' } },
    { actor: 'anonymous', subject: `admin:${operator.id}`, detail: { reason: 'code' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain(typed);
});

test('guesses are slowed down, and nothing is hashed or recorded for one that is refused', async () => {
  const { email } = await enrol(service);
  const guess = () => signIn(service, { email, password: 'not the password', code: '000000' });
  for (let count = 0; count < 5; count += 1) expect((await guess()).status).toBe(422);
  const recorded = (await auditOf(service, 'admin.sign_in_failed')).length;
  let answer: Answer | undefined;
  const work = await watchWork(async () => {
    answer = await guess();
  });
  expect(answer?.status).toBe(429);
  expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer?.body).toContain('too many attempts');
  expect(work.hashes).toBe(0);
  expect((await auditOf(service, 'admin.sign_in_failed')).length).toBe(recorded);
});

test('a stranger’s guesses do not keep an operator from signing in on a browser that is known', async () => {
  const operator = await enrol(service);
  const { browser } = await cookiesOf(service, operator);
  const guess = { email: operator.email, password: 'not the password', code: '000000' };
  for (let count = 0; count < 6; count += 1) await signIn(service, guess);

  const given = async () => ({ ...operator, code: await operator.code() });
  expect((await signIn(service, await given())).status).toBe(429);
  const forged = browser.replace(/\.[\w-]+/, `.${randomBytes(32).toString('base64url')}`);
  expect((await signIn(service, await given(), on(forged))).status).toBe(429);
  expect((await signIn(service, await given(), on(browser))).status).toBe(303);

  // Known for one operator, it is not for another.
  const other = await enrol(service);
  const onOther = { email: other.email, password: 'not the password', code: '000000' };
  for (let count = 0; count < 5; count += 1) await signIn(service, onOther, on(browser));
  expect((await signIn(service, onOther, on(browser))).status).toBe(429);
});

test.for([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' }],
  ['a browser that says nothing', {}],
] as const)('nobody is signed in by a form of %s', async ([, headers]) => {
  const operator = await enrol(service);
  const answer = await signIn(service, { ...operator, code: await operator.code() }, headers);
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test('signing out ends the session, and takes the cookie away', async () => {
  const operator = await enrol(service);
  const { session: cookie } = await cookiesOf(service, operator);
  const page = await service.get('/admin/me', { cookie });
  const out = (token: string) =>
    sendForm(service, '/admin/sign-out', { _token: token }, { ...fromOwnPage, cookie });

  expect((await out('another')).status).toBe(403);
  expect((await service.get('/admin/me', { cookie })).status).toBe(200);
  const answer = await out(formTokenOn(page));
  expect(answer.status).toBe(303);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^sid=; Max-Age=0/);
  expect((await service.get('/admin/me', { cookie })).status).toBe(303);
});

test('a password that is stored by weaker parameters is stored by today’s, where all is right', async () => {
  const operator = await enrol(service);
  const weak = weakHash(operator.password);
  await setHash(operator.id, weak);
  // The work of a second hash would tell that the password was right.
  const work = await watchWork(() => signIn(service, { ...operator, code: '000000' }));
  expect([work.hashes, await storedHash(operator.id)]).toEqual([1, weak]);

  const given = async () => ({ ...operator, code: await operator.code() });
  expect((await signIn(service, await given())).status).toBe(303);
  const stronger = await storedHash(operator.id);
  expect(stronger).toContain('$argon2id$v=19$m=64,t=1,p=1$');
  expect((await signIn(service, await given())).status).toBe(303);
  expect(await storedHash(operator.id)).toBe(stronger);
});

async function withUsedRecoveryCode() {
  const operator = await enrol(service);
  const given = { ...operator, code: operator.recoveryCodes[0] ?? '' };
  expect((await signIn(service, given)).status).toBe(303);
  return given;
}

const on = (cookie: string) => ({ ...fromOwnPage, cookie });

const drawnAnew = new Set(['date', 'x-request-id']);

async function tried(given: { email: string; password: string; code: string }) {
  let answer: Answer | undefined;
  const work = await watchWork(async () => {
    answer = await signIn(service, given);
  });
  if (answer === undefined) throw new Error('There was no answer');
  return {
    status: answer.status,
    headers: [...answer.headers]
      .filter(([name]) => !drawnAnew.has(name))
      .map(([name, value]) => [name, value.replaceAll(/\d/g, '0')]),
    length: answer.headers.get('content-length'),
    body: String(answer.body).replaceAll(given.email, '@'),
    work,
  };
}

async function storedHash(id: string): Promise<string> {
  const [rows] = await service.database.connection.query(
    'SELECT password_hash FROM admin_users WHERE id = ?',
    [id],
  );
  return (rows as { password_hash: string }[])[0]?.password_hash ?? '';
}

async function setHash(id: string, hash: string): Promise<void> {
  await service.database.connection.execute(
    'UPDATE admin_users SET password_hash = ? WHERE id = ?',
    [hash, id],
  );
}

function weakHash(password: string): string {
  const salt = randomBytes(16);
  const parameters = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 };
  const hash = argon2Sync('argon2id', { message: password, nonce: salt, ...parameters });
  const [saltText, hashText] = [salt, hash].map((bytes) =>
    bytes.toString('base64').replaceAll('=', ''),
  );
  return `$argon2id$v=19$m=8,t=1,p=1$${saltText}$${hashText}`;
}

test('the page that signs in says nothing but what it knows', async () => {
  const { body } = await service.get('/admin/sign-in?done=signed-out');
  expect(body).toContain('You are signed out.');
  for (const done of ['constructor', '__proto__', 'toString']) {
    const page = await service.get(`/admin/sign-in?done=${done}`);
    expect(page.body).not.toContain('class="notice"');
  }
});
