import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { createKeyringFile } from '#app/domains/auth/keys/file-store.ts';
import { openRevocations } from '#app/domains/auth/sessions/revocations.ts';
import { createLog } from '#app/log.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openProxy, type Proxy } from './support/proxy.ts';
import { startService, type TestService } from './support/service.ts';
import { signUp } from './support/users.ts';

let folder: string;
let database: TestDatabase;
let proxy: Proxy;
let here: TestService;
let there: TestService;

// Two processes of one service: the same keys, the same database, which one of them can lose.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'revocations-'));
  const JWT_KEYS_FILE = join(folder, 'jwt-keys.json');
  await createKeyringFile(JWT_KEYS_FILE);
  database = await createTestDatabase();
  proxy = await openProxy(new URL(database.url));
  here = await startService(database, { JWT_KEYS_FILE });
  there = await startService(database, { JWT_KEYS_FILE, DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await here.stop();
  await there.stop();
  await proxy.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const statusOf = async (service: TestService, authorization: { authorization: string }) =>
  (await service.get('/v1/auth/me', authorization)).status;

test('after a sign-out the access token is refused at once here, and a moment later elsewhere', async () => {
  const user = await signUp(here);
  const other = await signUp(here);
  expect(await statusOf(there, user.authorization)).toBe(200);
  await here.post('/v1/auth/logout', { refreshToken: user.refreshToken });
  expect(await statusOf(here, user.authorization)).toBe(401);
  await vi.waitFor(async () => expect(await statusOf(there, user.authorization)).toBe(401), 10_000);
  expect(await statusOf(here, other.authorization)).toBe(200);
  expect(await statusOf(there, other.authorization)).toBe(200);
});

test('without the database what is known stays known, and a token is looked at without a query', async () => {
  const gone = await signUp(there);
  const user = await signUp(there);
  await there.post('/v1/auth/logout', { refreshToken: gone.refreshToken });
  await proxy.cut();
  await vi.waitFor(
    () => expect(there.log.filter(({ loop }) => loop === 'revocations')).toHaveLength(1),
    10_000,
  );
  // The token passes; it is the route's own statement that fails.
  expect(await statusOf(there, user.authorization)).toBe(503);
  expect(await statusOf(there, gone.authorization)).toBe(401);

  const meanwhile = await signUp(here);
  await here.post('/v1/auth/logout', { refreshToken: meanwhile.refreshToken });
  await proxy.restore();
  await vi.waitFor(async () => expect(await statusOf(there, user.authorization)).toBe(200), 10_000);
  await vi.waitFor(
    async () => expect(await statusOf(there, meanwhile.authorization)).toBe(401),
    10_000,
  );
});

test('a process that starts knows what ended before, and until it does it lets nobody in', async () => {
  const user = await signUp(here);
  await here.post('/v1/auth/logout', { refreshToken: user.refreshToken });
  const [rows] = await database.connection.query(
    'SELECT id FROM sessions WHERE revoked_at IS NOT NULL ORDER BY created_at DESC LIMIT 1',
  );
  const [{ id }] = rows as [{ id: string }];
  const log = createLog({ LOG_LEVEL: 'silent' });

  const settings = { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 1 };
  const connected = await openDatabase({ settings });
  const loaded = await openRevocations({ database: connected, log });
  expect([loaded.has(id), loaded.has('another')]).toEqual([true, false]);
  await loaded.close();
  await connected.close();

  const blind = await openRevocations({ database: connected, log });
  expect(() => blind.has('another')).toThrow('Temporarily unavailable');
  await blind.close();
});

test('what ended longer ago than any of its access tokens lives is forgotten', async () => {
  const user = await signUp(here);
  await here.post('/v1/auth/logout', { refreshToken: user.refreshToken });
  await database.connection.query(
    'UPDATE sessions SET revoked_at = revoked_at - INTERVAL 931 SECOND WHERE revoked_at IS NOT NULL',
  );
  const settings = { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 1 };
  const connected = await openDatabase({ settings });
  const loaded = await openRevocations({
    database: connected,
    log: createLog({ LOG_LEVEL: 'silent' }),
  });
  const [rows] = await database.connection.query('SELECT id FROM sessions');
  const known = (rows as { id: string }[]).filter(({ id }) => loaded.has(id));
  await loaded.close();
  await connected.close();
  expect(known).toEqual([]);
});
