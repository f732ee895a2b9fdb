import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { prune } from '#app/domains/auth/pruning.ts';
import { openThrottle, type Throttle } from '#app/domains/auth/sign-in/throttle.ts';
import { AppError } from '#app/errors.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { createLog } from '#app/log.ts';
import { useHashCount } from './support/hash-count.ts';
import { testSealing } from './support/sealing.ts';
import { request, useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const hashes = useHashCount();
const service = useService({ TRUST_PROXY_HOPS: '1' });
const newEmail = () => `${randomBytes(6).toString('hex')}@example.com`;
const free = 5;

let database: Database;
let throttle: Throttle;
beforeAll(async () => {
  const settings = {
    NODE_ENV: 'test',
    DATABASE_URL: service.database.url,
    DATABASE_POOL_SIZE: 5,
    KEYRING_SECRET: randomBytes(32).toString('base64url'),
    SEALING_KEY_FILE: '',
  };
  const log = createLog({ LOG_LEVEL: 'silent' });
  database = await openDatabase({ settings, sealing: testSealing });
  throttle = openThrottle({ database, sealing: await openSealing({ settings, log }) });
});
afterAll(() => database.close());

let nextRange = 0;
/** An address in a range that no other test uses. */
const newAddress = () => {
  nextRange += 1;
  return `10.${nextRange >> 8}.${nextRange & 255}.1`;
};

const login = (input: Record<string, unknown>, ip = newAddress()) =>
  service.post(
    '/v1/auth/login',
    { password: 'a wrong password', ...input },
    { 'x-forwarded-for': ip },
  );

/** Lets the time pass that everybody has to wait now. */
const waitItOut = () =>
  service.database.connection.query(
    'UPDATE auth_attempts SET blocked_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE blocked_until IS NOT NULL',
  );

test('a hundred wrong guesses at once, from anywhere, are no more than the budget allows', async () => {
  const { email, password } = await signUp(service);
  hashes.begun = 0;
  const answers = await Promise.all(Array.from({ length: 100 }, () => login({ email })));
  expect(hashes.begun).toBe(free);
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(free);
  expect(statuses.filter((status) => status === 429)).toHaveLength(100 - free);
  expect((await login({ email, password })).status).toBe(429);
});

test('an address that is not known is slowed down like one that is', async () => {
  const known = (await signUp(service)).email;
  const unknown = newEmail();
  const seen = new Map<string, unknown[]>();
  for (const email of [known, unknown]) {
    const answers = [];
    for (let turn = 0; turn <= free; turn += 1) {
      const { status, headers, body } = await login({ email });
      const { requestId: _requestId, ...problem } = body;
      const wait = headers.get('retry-after');
      expect(wait === null || (Number(wait) >= 1 && Number(wait) <= 15)).toBe(true);
      answers.push([status, wait === null, problem]);
    }
    seen.set(email, answers);
  }
  expect(seen.get(known)).toEqual(seen.get(unknown));
  expect(seen.get(known)?.at(-1)).toMatchObject([429, false, { code: 'too_many_attempts' }]);
});

test('the owner is not locked out by a stranger: the device on which he signed in comes in', async () => {
  const { email, password } = await signUp(service);
  const owner = await login({ email, password });
  expect(owner.body.deviceToken).toMatch(/^[\w-]{43}$/);
  await Promise.all(Array.from({ length: 10 }, () => login({ email })));

  const { deviceToken } = owner.body;
  const again = await login({ email, password, deviceToken });
  expect([again.status, again.body.deviceToken]).toEqual([200, deviceToken]);

  const elsewhere = await login({ email, password });
  expect(elsewhere.status).toBe(429);
  await waitItOut();
  expect((await login({ email, password })).status).toBe(200);
});

test("a device's budget is its own, and of no use for another user", async () => {
  const { email, password } = await signUp(service);
  const { deviceToken } = (await login({ email, password })).body;
  const mine = await Promise.all(Array.from({ length: 12 }, () => login({ email, deviceToken })));
  expect(mine.map(({ status }) => status).filter((status) => status === 401)).toHaveLength(10);
  expect((await login({ email, password, deviceToken })).status).toBe(429);
  expect((await login({ email, password })).status).toBe(200);

  const other = await signUp(service);
  const stolen = Array.from({ length: 20 }, () => login({ email: other.email, deviceToken }));
  const statuses = (await Promise.all(stolen)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(free);
});

/** Reserves attempts, some at once, and says how many were taken. */
async function takeMany(count: number, of: (index: number) => [string, string]): Promise<number> {
  const attempts = Array.from({ length: count }, (_, index) =>
    throttle.reserve('password', ...of(index)),
  );
  const results = await Promise.allSettled(attempts);
  for (const result of results) {
    if (result.status === 'rejected' && !(result.reason instanceof AppError)) throw result.reason;
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('guesses at many addresses from one range are slowed down, whichever of its addresses they use', async () => {
  const taken = await takeMany(130, (index) => [newEmail(), `172.16.5.${index}`]);
  expect(taken).toBeGreaterThanOrEqual(100);
  expect(taken).toBeLessThan(105);
  const elsewhere = await takeMany(1, () => [newEmail(), '172.16.6.1']);
  expect(elsewhere).toBe(1);
});

test('a known device is not slowed down by its range, whose other guesses are', async () => {
  const ip = newAddress();
  await takeMany(110, () => [newEmail(), ip]);
  await expect(throttle.reserve('password', newEmail(), ip)).rejects.toThrow('Too many attempts');
  await throttle.reserve('device', 'a device', ip);
});

test('each attempt after the free ones waits longer, and waiting is enough', async () => {
  const email = newEmail();
  const wait = async () => {
    try {
      await throttle.reserve('password', email);
      return 0;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return error.details.retryAfter ?? 0;
    }
  };
  const waits: number[] = [];
  for (let turn = 0; turn < free; turn += 1) expect(await wait()).toBe(0);
  for (let turn = 0; turn < 3; turn += 1) {
    waits.push(await wait());
    await waitItOut();
    expect(await wait()).toBe(0);
  }
  const [first = 0, second = 0, third = 0] = waits;
  expect(first).toBeGreaterThan(0);
  expect([second > first, third > second]).toEqual([true, true]);
});

test('time that has passed counts, however often somebody tries meanwhile', async () => {
  const email = newEmail();
  await takeMany(free - 1, () => [email, newAddress()]);
  const { connection } = service.database;
  for (let turn = 0; turn < 3; turn += 1) {
    // Two thirds of the time after which one is forgotten.
    await connection.query(
      'UPDATE auth_attempts SET refilled_at = refilled_at - INTERVAL 10 MINUTE',
    );
    const attempt = await throttle.reserve('password', email);
    await attempt.giveBack();
  }
  expect(await takeMany(4, () => [email, newAddress()])).toBe(3);
});

test('success gives back its own attempt and no other', async () => {
  const { email, password } = await signUp(service);
  for (let turn = 0; turn <= free; turn += 1) {
    expect((await login({ email, password })).status).toBe(200);
  }
  for (let turn = 0; turn < free - 1; turn += 1) {
    expect((await login({ email })).status).toBe(401);
  }
  expect((await login({ email, password })).status).toBe(200);
  expect((await login({ email })).status).toBe(401);
  expect((await login({ email })).status).toBe(429);
});

test('what others have to wait stays when an attempt is given back; its own wait goes with it', async () => {
  const email = newEmail();
  const ip = newAddress();
  const first = await throttle.reserve('password', email, ip);
  await takeMany(free - 2, () => [email, ip]);
  const last = await throttle.reserve('password', email, ip);
  await first.giveBack();
  await expect(throttle.reserve('password', email, ip)).rejects.toThrow('Too many attempts');
  await last.giveBack();
  await throttle.reserve('password', email, ip);
});

test('what has no effect any more is pruned, and nothing else', async () => {
  const { connection } = service.database;
  const { email, password, refreshToken } = await signUp(service);
  await connection.query('UPDATE auth_attempts SET refilled_at = refilled_at - INTERVAL 25 HOUR');
  await connection.query('UPDATE known_devices SET expires_at = expires_at - INTERVAL 181 DAY');
  const { deviceToken } = (await login({ email, password })).body;
  // One link of another user is old, and this user's is not yet.
  const links =
    'UPDATE email_tokens SET expires_at = UTC_TIMESTAMP(3) - INTERVAL ? HOUR WHERE email';
  await connection.query(`${links} <> ?`, [25, email]);
  await connection.query(`${links} = ?`, [23, email]);

  await prune(database);

  const count = async (table: string) => {
    const [rows] = await connection.query(`SELECT 1 FROM ${table}`);
    return (rows as unknown[]).length;
  };
  expect([await count('auth_attempts'), await count('known_devices')]).toEqual([2, 1]);
  const [left] = await connection.query('SELECT email FROM email_tokens');
  expect(left).toEqual([{ email }]);
  expect((await login({ email, password, deviceToken })).body.deviceToken).toBe(deviceToken);
  expect((await service.post('/v1/auth/refresh', { refreshToken })).status).toBe(200);
});

test('of many devices the latest ten are known', async () => {
  const { email, password } = await signUp(service);
  const { deviceToken } = (await login({ email, password })).body;
  const { connection } = service.database;
  await connection.query(
    `INSERT INTO known_devices (token_hash, user_id, last_used_at, expires_at)
     WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
     SELECT UNHEX(SHA2(CONCAT(n, u.email), 256)), u.id,
       UTC_TIMESTAMP(3) - INTERVAL n DAY, UTC_TIMESTAMP(3) + INTERVAL 100 DAY
     FROM numbers JOIN users u WHERE u.email = ?`,
    [email],
  );
  const latest = (await login({ email, password })).body;
  const [rows] = await connection.query(
    'SELECT 1 FROM known_devices d JOIN users u ON u.id = d.user_id WHERE u.email = ?',
    [email],
  );
  expect(rows).toHaveLength(10);
  for (const token of [deviceToken, latest.deviceToken]) {
    const again = await login({ email, password, deviceToken: token });
    expect(again.body.deviceToken).toBe(token);
  }
});

test('an address gets five mails that anybody can ask for, known or not, then one a while', async () => {
  const known = (await signUp(service)).email;
  for (const [email, left] of [
    [known, free - 1],
    [newEmail(), free],
  ] as const) {
    const forgot = () =>
      service.post('/v1/auth/password/forgot', { email }, { 'x-forwarded-for': newAddress() });
    const answers = await Promise.all(Array.from({ length: 8 }, forgot));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(left);
    expect(statuses.filter((status) => status === 429)).toHaveLength(8 - left);

    const page = await request(service.url, '/auth/forgot-password', {
      method: 'POST',
      body: new URLSearchParams({ email }),
    });
    expect([page.status, page.headers.get('content-type')]).toEqual([
      429,
      'text/html; charset=utf-8',
    ]);
    expect(page.body).toContain('Try again later.');
  }
});

test('the password of a user who is signed in can be guessed no faster', async () => {
  const { authorization, password } = await signUp(service);
  const change = (currentPassword: string) =>
    service.post(
      '/v1/auth/password/change',
      { currentPassword, password: 'another long password' },
      authorization,
    );
  const answers = await Promise.all(Array.from({ length: 8 }, () => change('a wrong password')));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 422)).toHaveLength(free);
  expect((await change(password)).status).toBe(429);
});
