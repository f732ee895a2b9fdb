import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { accessTokens } from '#app/domains/auth/access-tokens.ts';
import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { holdRing } from '#app/domains/auth/keys/held-ring.ts';
import { openRevocations, type Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { createLog } from '#app/log.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openProxy, type Proxy } from './support/proxy.ts';
import { testSealing } from './support/sealing.ts';
import { ownVariables, startService, type TestService } from './support/service.ts';
import { signUp } from './support/users.ts';

let database: TestDatabase;
let proxy: Proxy;
let here: TestService;
let there: TestService;

// Two processes of one service: the same keys, the same database, which one of them can lose.
beforeAll(async () => {
  const shared = await ownVariables();
  database = await createTestDatabase();
  proxy = await openProxy(new URL(database.url));
  here = await startService(database, shared);
  there = await startService(database, { ...shared, DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await here.stop();
  await there.stop();
  await proxy.close();
  await database.drop();
});

afterEach(() => vi.useRealTimers());

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

test('a reading that fails takes nothing away of what is known', async () => {
  const user = await signUp(here);
  const id = await sessionOf(user);
  await here.post('/v1/auth/logout', { refreshToken: user.refreshToken });
  const settings = { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: 1 };
  const connected = await openDatabase({ settings, sealing: testSealing });
  const failed = Promise.withResolvers<void>();
  const log = createLog({ LOG_LEVEL: 'info' }, { write: () => failed.resolve() });
  const revocations = await openRevocations({ database: connected, log });
  await proxy.cut();
  await failed.promise;
  expect(revocations.has(id)).toBe(true);
  await revocations.close();
  await connected.close();
  await proxy.restore();
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
  const connected = await openDatabase({ settings, sealing: testSealing });
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
    'UPDATE sessions SET revoked_at = revoked_at - INTERVAL 1021 SECOND WHERE revoked_at IS NOT NULL',
  );
  const settings = { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 1 };
  const connected = await openDatabase({ settings, sealing: testSealing });
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

/** Opens what a process of its own would know, for as long as a test looks at it. */
async function withSnapshot(
  look: (revocations: Revocations, connected: Database) => Promise<void>,
): Promise<void> {
  const settings = { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 1 };
  const connected = await openDatabase({ settings, sealing: testSealing });
  const log = createLog({ LOG_LEVEL: 'silent' });
  const revocations = await openRevocations({ database: connected, log });
  try {
    await look(revocations, connected);
  } finally {
    await revocations.close();
    await connected.close();
  }
}

async function sessionOf({ email }: { email: string }): Promise<string> {
  const [[row]] = await database.connection.query<RowDataPacket[]>(
    'SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?',
    [email],
  );
  return row?.['id'];
}

test('what ended in a transaction that was committed later is not missed', async () => {
  const id = await sessionOf(await signUp(here));
  await withSnapshot(async (revocations) => {
    await database.connection.beginTransaction();
    await database.connection.query(
      'UPDATE sessions SET revoked_at = UTC_TIMESTAMP(3) - INTERVAL 50 SECOND WHERE id = ?',
      [id],
    );
    expect(revocations.has(id)).toBe(false);
    await database.connection.commit();
    await vi.waitFor(() => expect(revocations.has(id)).toBe(true), 10_000);
  });
});

test('of a session that was not in use there is no access token, so it is not read', async () => {
  const [unused, used] = [await sessionOf(await signUp(here)), await sessionOf(await signUp(here))];
  const { connection } = database;
  await connection.query(
    'UPDATE sessions SET created_at = created_at - INTERVAL 1 DAY WHERE id IN (?)',
    [[unused, used]],
  );
  await connection.query('UPDATE sessions SET last_used_at = UTC_TIMESTAMP(3) WHERE id = ?', [
    used,
  ]);
  await connection.query('UPDATE sessions SET revoked_at = UTC_TIMESTAMP(3) WHERE id IN (?)', [
    [unused, used],
  ]);
  await withSnapshot(async (revocations) => {
    expect([revocations.has(unused), revocations.has(used)]).toEqual([false, true]);
  });
});

test('a token of a clock that is ahead is refused for as long as it would be accepted', async () => {
  const log = createLog({ LOG_LEVEL: 'silent' });
  const keyring = await holdRing({ store: fileStore(here.keysFile), log });
  const tokens = accessTokens(keyring, 'https://app.example.com');
  const identity = { userId: randomUUID(), accountId: randomUUID(), sessionId: randomUUID() };
  const start = Date.now();
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  vi.setSystemTime(start + 30_000);
  const token = await tokens.issue(identity);
  vi.setSystemTime(start);

  await withSnapshot(async (revocations, connected) => {
    await connected.transaction(async (tx) => revocations.add(tx, [identity.sessionId]));
    vi.advanceTimersByTime(940_000);
    // The next reading forgets what is over.
    await vi.waitFor(() => expect(revocations.problem).toBeUndefined(), 10_000);
    expect(await tokens.verify(token)).toEqual(identity);
    expect(revocations.has(identity.sessionId)).toBe(true);
  });
});

test('the sessions that an operator ends are counted without those that had expired', async () => {
  await signUp(here);
  const { connection } = database;
  const expired = await sessionOf(await signUp(here));
  await connection.query('UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [
    expired,
  ]);
  const count = async (where: string): Promise<number> => {
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS count FROM sessions WHERE revoked_at IS NULL ${where}`,
    );
    return row?.['count'];
  };
  const live = await count('AND expires_at > UTC_TIMESTAMP(3)');
  await withSnapshot(async (_revocations, connected) => {
    expect(await endAllSessions(connected, 'operator')).toBe(live);
  });
  expect(await count('')).toBe(0);
});
