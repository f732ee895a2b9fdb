// Mails that anybody can have sent are counted by address, by address range and by user, and what
// sends none is not counted.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { openThrottle, type Throttle } from '#app/domains/auth/sign-in/throttle.ts';
import { createLog } from '#app/log.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { newAddress } from './support/account-client.ts';
import { testSealing } from './support/sealing.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const secret = randomBytes(32).toString('base64url');
// With this key the buckets of the service are the test's own.
const service = useService({ TRUST_PROXY_HOPS: '1', KEYRING_SECRET: secret, SEALING_KEY_FILE: '' });

let database: Database;
let throttle: Throttle;
beforeAll(async () => {
  const settings = {
    NODE_ENV: 'test',
    DATABASE_URL: service.database.url,
    DATABASE_POOL_SIZE: 5,
    KEYRING_SECRET: secret,
    SEALING_KEY_FILE: '',
  };
  const log = createLog({ LOG_LEVEL: 'silent' });
  database = await openDatabase({ settings, sealing: testSealing });
  throttle = openThrottle({ database, sealing: await openSealing({ settings, log }) });
});
afterAll(() => database.close());

const password = 'a good long password';
const register = (ip: string, email = newAddress()) =>
  service.post('/v1/auth/register', { email, password }, { 'x-forwarded-for': ip });

/** Has so many mails sent from a range. */
async function useUp(ip: string, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await throttle.reserve('mail', newAddress(), ip);
}

test('whoever registers one foreign address after another is slowed down by his range', async () => {
  await useUp('192.0.2.1', 99);
  expect((await register('192.0.2.2')).status).toBe(201);
  const refused = await register('192.0.2.3');
  expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts']);
  expect((await register('198.51.100.1')).status).toBe(201);
});

test('a new address is asked for by no more than the range and the user have left', async () => {
  const user = await signUp(service);
  const ask = (ip: string) =>
    service.post(
      '/v1/auth/email/change',
      { currentPassword: user.password, email: newAddress() },
      { ...user.authorization, 'x-forwarded-for': ip },
    );
  await useUp('203.0.113.1', 100);
  expect((await ask('203.0.113.2')).status).toBe(429);
  const statuses = [];
  for (let turn = 0; turn < 6; turn += 1) statuses.push((await ask(`10.0.${turn}.1`)).status);
  expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
});

test('what fails, and so sends no mail, is given back', async () => {
  const { connection } = service.database;
  const email = newAddress();
  await connection.query('RENAME TABLE accounts TO accounts_away');
  expect((await register('10.1.0.1', email)).status).toBe(500);
  await connection.query('RENAME TABLE accounts_away TO accounts');
  for (let turn = 0; turn < 5; turn += 1) await throttle.reserve('mail', email);
  await expect(throttle.reserve('mail', email)).rejects.toThrow('Too many attempts');
});
