// Operators' sessions in Redis: how they expire there, and what holds while it is gone.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { idle, longest } from '#app/domains/admin/sessions/limits.ts';
import { removeEverySession } from '#app/domains/admin/sessions/store.ts';
import { openSharedRevocations } from '#app/domains/auth/sessions/shared-revocations.ts';
import { temporarilyUnavailable } from '#app/http/errors.ts';
import { createLog } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { openRedis } from '#app/platform/redis/redis.ts';
import { readOrder } from '../../src/commands/admin/order.ts';
import { runAdmin } from '../../src/commands/admin/run-admin.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { redisVariables } from '../support/redis.ts';
import { testSealing } from '../support/sealing.ts';
import { startService, type TestService } from '../support/service.ts';
import { actsWith, beginActing, impersonationsOf, tokenOf } from './support/acting.ts';
import {
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  sendForm,
  signIn,
} from './support/enrolled.ts';
import { signInOperator } from './support/operator.ts';
import {
  openStore,
  removeSessions,
  storedSessions,
  timesOf,
  withRedis,
} from './support/stored-sessions.ts';
import { askWho } from '../support/users.ts';

const log = createLog({ LOG_LEVEL: 'silent' });

let testDatabase: TestDatabase;
let database: Database;
let proxy: Proxy;
/** A service that can lose Redis, and the same one where it cannot. */
let service: TestService;
let there: Pick<TestService, 'database' | 'settings'>;

beforeAll(async () => {
  const variables = await redisVariables();
  testDatabase = await createTestDatabase();
  proxy = await openProxy(new URL(variables['REDIS_URL'] ?? ''));
  service = await startService(testDatabase, { ...variables, REDIS_URL: proxy.url });
  const { REDIS_URL } = variables;
  there = { database: testDatabase, settings: { ...service.settings, REDIS_URL } };
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 1 };
  database = await openDatabase({ settings, sealing: testSealing });
});
afterAll(async () => {
  await database.close();
  await service.stop();
  await proxy.close();
  await testDatabase.drop();
});

/** Does something while the service has lost Redis, and waits until it has it again. */
async function withoutRedis(work: () => Promise<void>): Promise<void> {
  await proxy.cut();
  try {
    await work();
  } finally {
    await proxy.restore();
    const isReady = async () => (await service.get('/readyz')).body.status;
    await expect.poll(isReady, { timeout: 10_000 }).toBe('ready');
  }
}

test('a session expires by the clock of Redis: by want of use, and under its end', async () => {
  const { sessionId } = await signInOperator(service);
  const store = await openStore(there);
  await withRedis(there, async (redis) => {
    const session = redis.key('admin-session', sessionId);
    const left = async () => Math.ceil((await redis.client.pttl(session)) / 1000);
    expect(await left()).toBeLessThanOrEqual(idle);
    expect(await left()).toBeGreaterThan(idle - 60);

    await redis.client.pexpire(session, 1000);
    await store.noteUse(database.queries, sessionId);
    expect(await left()).toBeGreaterThan(idle - 60);

    const times = await timesOf(there, sessionId);
    const [seconds] = await redis.client.time();
    const end = Number(times?.endsAt) / 1000 - Number(seconds);
    expect(end).toBeGreaterThan(longest - 60);
    expect(end).toBeLessThanOrEqual(longest + 1);
    await redis.client.hset(session, 'endsAt', (Number(seconds) + 120) * 1000);
    await store.noteUse(database.queries, sessionId);
    expect(await left()).toBeLessThanOrEqual(120);

    await redis.client.hset(session, 'endsAt', Number(seconds) * 1000);
    await store.noteUse(database.queries, sessionId);
    expect(await redis.client.exists(session)).toBe(0);
  });
  await store.close();
});

test('one that was left alone for its whole time is gone, with what was done in it', async () => {
  const acting = await beginActing(service);
  const { sessionId } = acting.operator;
  await withRedis(there, async (redis) => {
    await redis.client.pexpire(redis.key('admin-session', sessionId), 1);
  });
  expect((await acting.operator.get('/admin/me')).status).toBe(303);
  await vi.waitFor(
    async () => expect((await askWho(service, acting.header)).status).toBe(401),
    20_000,
  );
  expect(await actsWith(service, 'impersonation.ended', acting.userId)).toMatchObject([
    { actor: 'system', detail: { cause: 'right_lost' } },
  ]);
});

test('what the database has of sessions is not written by their use', async () => {
  const operator = await signInOperator(service);
  const before = await tables();
  await withRedis(there, async (redis) => {
    await redis.client.hincrby(
      redis.key('admin-session', operator.sessionId),
      'lastUsedAt',
      -120_000,
    );
  });
  const used = await timesOf(there, operator.sessionId);
  expect((await operator.get('/admin/me')).status).toBe(200);
  expect(await timesOf(there, operator.sessionId)).not.toEqual(used);
  expect(await tables()).toEqual(before);
});

test('Redis holds the hash of a token, and nothing that could be sent', async () => {
  const operator = await enrol(service);
  const { session } = await cookiesOf(service, operator);
  const token = session.replace('sid=', '');
  const stored = JSON.stringify(await storedSessions(there));
  expect(stored).toContain(createHash('sha256').update(token).digest('hex'));
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(operator.email);
});

test('a key that leads to a session with another token opens nothing', async () => {
  const { sessionId } = await signInOperator(service);
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  await withRedis(there, async (redis) => {
    await redis.client.set(redis.key('admin-session-token', hash), sessionId);
  });
  expect((await service.get('/admin/me', { cookie: `sid=${token}` })).status).toBe(303);
});

test('the list of an operator’s sessions forgets those that are long over', async () => {
  const operator = await enrol(service);
  await cookiesOf(service, operator);
  await withRedis(there, async (redis) => {
    const list = redis.key('admin-sessions-of', operator.id);
    const [seconds] = await redis.client.time();
    await redis.client.zadd(list, String(Number(seconds) * 1000), 'over');
    await cookiesOf(service, operator);
    expect(await redis.client.zscore(list, 'over')).toBeNull();
    // Of the invitation, and of both sign-ins.
    expect(await redis.client.zcard(list)).toBe(3);
    expect(await redis.client.pttl(list)).toBeLessThanOrEqual(longest * 1000);
  });
});

test('without Redis the admin area is not available, and says so; with it, all goes on', async () => {
  const operator = await signInOperator(service);
  const enrolled = await enrol(service);
  const page = await operator.get('/admin/me');
  const code = await enrolled.code();
  await withoutRedis(async () => {
    const form = { _token: formTokenOn(page) };
    const headers = { ...fromOwnPage, cookie: operator.cookie() };
    for (const { status, body, headers: answered } of [
      await operator.get('/admin'),
      await sendForm(service, '/admin/sign-out', form, headers),
      await signIn(service, { ...enrolled, code }),
    ]) {
      expect(status).toBe(503);
      expect(body).toContain('<h1>Temporarily unavailable</h1>');
      expect(answered.get('retry-after')).toBe('5');
    }
    expect((await service.get('/admin/sign-in')).status).toBe(200);
  });
  expect((await operator.get('/admin')).status).toBe(200);
  // Nothing was used up by the sign-in that failed.
  expect((await signIn(service, { ...enrolled, code })).status).toBe(303);
});

test('a Redis that falls silent makes it unavailable for as long as that lasts', async () => {
  const operator = await signInOperator(service);
  expect((await operator.get('/admin')).status).toBe(200);
  proxy.freeze();
  expect((await operator.get('/admin')).status).toBe(503);
  const status = async () => (await operator.get('/admin')).status;
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
});

test('a session whose end Redis could not be told has not ended, and nothing says that it has', async () => {
  const { sessionId, ...operator } = await signInOperator(service);
  const store = await openStore(service);
  const end = () =>
    database.transaction(async (tx) => {
      await store.remove(tx, sessionId);
      recordAct(tx, { actor: `admin:${operator.id}`, action: 'admin.signed_out' });
    });
  await withoutRedis(async () => {
    await expect(end()).rejects.toMatchObject({ kind: temporarilyUnavailable });
  });
  expect(await actsWith(service, 'admin.signed_out', operator.id)).toEqual([]);
  expect((await operator.get('/admin/me')).status).toBe(200);

  await vi.waitFor(end, 10_000);
  expect(await actsWith(service, 'admin.signed_out', operator.id)).toHaveLength(1);
  expect((await operator.get('/admin/me')).status).toBe(303);
  await store.close();
});

test('all sessions can be ended while Redis is gone, and are over when it is back', async () => {
  const [one, other] = [await signInOperator(service), await signInOperator(service)];
  await withoutRedis(async () => {
    await database.transaction((tx) => removeEverySession(tx));
  });
  expect(await timesOf(there, one.sessionId)).toBeDefined();
  expect((await one.get('/admin/me')).status).toBe(303);
  expect((await other.get('/admin/me')).status).toBe(303);
});

test('while Redis is gone nobody is given a token of a customer’s, and what must end ends', async () => {
  const [acting, other] = [await beginActing(service), await beginActing(service)];
  await withoutRedis(async () => {
    expect(await tokenOf(acting.operator)).toBe('');
    await testDatabase.connection.query("UPDATE admin_users SET role = 'read-only' WHERE id = ?", [
      acting.operator.id,
    ]);
    await vi.waitFor(
      async () => expect((await askWho(service, acting.header)).status).toBe(401),
      20_000,
    );
    // Whether its session goes on cannot be known now.
    await removeSessions(there, other.operator.id);
    expect((await askWho(service, other.header)).status).toBe(200);
  });
  await vi.waitFor(
    async () => expect((await askWho(service, other.header)).status).toBe(401),
    20_000,
  );
  expect(await impersonationsOf(service, other.operator)).toMatchObject([
    { endedAt: expect.any(Date) },
  ]);
});

test('an operator whom the command disables is out of a customer’s place at once, everywhere', async () => {
  const acting = await beginActing(service);
  const [impersonation] = await impersonationsOf(service, acting.operator);
  const id = impersonation?.id ?? '';
  const { REDIS_URL = '', REDIS_PREFIX } = there.settings;
  const redis = await openRedis({ settings: there.settings, log, patience: 20_000 });
  // Looks for nothing until it is told to.
  const pauses = { poll: 3_600_000, net: 3_600_000 };
  const elsewhere = await openSharedRevocations({ database, log, redis }, pauses);
  expect(elsewhere.has(id)).toBe(false);

  vi.stubEnv('REDIS_URL', REDIS_URL);
  vi.stubEnv('REDIS_PREFIX', REDIS_PREFIX);
  const order = readOrder(['disable', acting.operator.email]);
  const given = { database, settings: { APP_ORIGIN: 'https://app.example.com' } };
  await runAdmin(order, given, () => undefined);
  vi.unstubAllEnvs();
  await expect.poll(() => elsewhere.has(id), { timeout: 10_000 }).toBe(true);
  await elsewhere.close();
  await redis.close();
});

/** The tables that sessions could be noted in, whole. */
async function tables(): Promise<unknown> {
  const names = ['admin_users', 'admin_session_epochs', 'impersonations', 'audit_log'];
  return Promise.all(
    names.map(async (name) => (await testDatabase.connection.query(`SELECT * FROM ${name}`))[0]),
  );
}
