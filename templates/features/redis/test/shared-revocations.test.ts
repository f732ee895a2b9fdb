// What one process ends is known in the others: by Redis, and without it.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { accessTokenLongest } from '#app/domains/auth/access-tokens.ts';
import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import { endAll } from '#app/domains/auth/sessions/end-sessions.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { openSharedRevocations } from '#app/domains/auth/sessions/shared-revocations.ts';
import { createLog } from '#app/log.ts';
import { openRedis, type Redis } from '#app/platform/redis/redis.ts';
import { addSession } from './support/add-session.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openProxy, type Proxy } from './support/proxy.ts';
import { redisVariables } from './support/redis.ts';
import { testSealing } from './support/sealing.ts';

const log = createLog({ LOG_LEVEL: 'silent' });
const never = 3_600_000;
const soon = 20;
const waiting = { timeout: 10_000 };

/** A process of the service, and what it can lose. */
interface Process {
  readonly revocations: Revocations;
  readonly database: Database;
  readonly redis: Redis;
  readonly toRedis: Proxy;
  readonly toDatabase: Proxy;
}

let testDatabase: TestDatabase;
let variables: { REDIS_URL: string; REDIS_PREFIX: string };
let closing: AsyncDisposableStack;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());

beforeEach(async () => {
  const { REDIS_URL = '', REDIS_PREFIX = '' } = await redisVariables();
  variables = { REDIS_URL, REDIS_PREFIX };
  closing = new AsyncDisposableStack();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await closing.disposeAsync();
});

async function open<T extends { close(): Promise<void> }>(part: Promise<T>): Promise<T> {
  return closing.adopt(await part, (it) => it.close());
}

/** @param pauses milliseconds between its looks at Redis, and at the database beside that */
async function startProcess(pauses: { poll: number; net: number }): Promise<Process> {
  const toRedis = await open(openProxy(new URL(variables.REDIS_URL)));
  const toDatabase = await open(openProxy(new URL(testDatabase.url)));
  const redisSettings = { ...variables, REDIS_URL: toRedis.url };
  // Enough for a machine that has much to do.
  const redis = await open(openRedis({ settings: redisSettings, log, patience: 20_000 }));
  const settings = { DATABASE_URL: toDatabase.url, DATABASE_POOL_SIZE: 1 };
  const database = await open(openDatabase({ settings, sealing: testSealing }));
  const revocations = await open(openSharedRevocations({ database, log, redis }, pauses));
  return { revocations, database, redis, toRedis, toDatabase };
}

/** Says in a process that sessions have ended, with nothing of it in the database. */
async function say({ database, revocations }: Process, ...ids: string[]): Promise<void> {
  await database.transaction((tx) => revocations.add(tx, ids));
}

/** Has two processes hear each other. */
async function meet(one: Process, other: Process): Promise<void> {
  const id = randomUUID();
  await say(one, id);
  await expect.poll(() => other.revocations.has(id), waiting).toBe(true);
}

/** Puts a session among those that have ended, and tells nobody. */
async function addToSet({ redis }: Process, id: string): Promise<void> {
  const [seconds] = await redis.client.time();
  await redis.client.zadd(redis.key('ended-sessions'), Number(seconds) * 1000, id);
}

/** Ends a session for good, as the service does. */
async function end({ database, revocations }: Process, id: string): Promise<void> {
  await database.transaction((tx) => endAll(tx, [id], revocations));
}

const isGone = async ({ redis }: Process) => {
  await vi.waitFor(() => expect(redis.problem).toBeDefined(), 10_000);
};

test('what ends in one process is told to the others, which look for nothing', async () => {
  const pauses = { poll: never, net: never };
  const [here, there] = [await startProcess(pauses), await startProcess(pauses)];
  await meet(here, there);
  const [one, another] = [randomUUID(), randomUUID()];
  await say(here, one, another);
  expect(here.revocations.has(one)).toBe(true);
  await expect.poll(() => there.revocations.has(one), waiting).toBe(true);
  expect(there.revocations.has(another)).toBe(true);
  expect(there.revocations.has(randomUUID())).toBe(false);
});

test('what a rollback undoes is told to nobody', async () => {
  const pauses = { poll: never, net: never };
  const [here, there] = [await startProcess(pauses), await startProcess(pauses)];
  const id = randomUUID();
  const failing = here.database.transaction((tx) => {
    here.revocations.add(tx, [id]);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await meet(here, there);
  expect([here.revocations.has(id), there.revocations.has(id)]).toEqual([false, false]);
});

test('a message that was lost is made up for by a look', async () => {
  const there = await startProcess({ poll: soon, net: never });
  const here = await startProcess({ poll: never, net: never });
  await meet(here, there);
  const id = randomUUID();
  await addToSet(here, id);
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
});

test('who lost Redis learns what was told meanwhile, once it is back', async () => {
  const [here, there] = [
    await startProcess({ poll: never, net: never }),
    await startProcess({ poll: never, net: never }),
  ];
  await meet(here, there);
  await there.toDatabase.cut();
  await there.toRedis.cut();
  await isGone(there);
  const id = randomUUID();
  await say(here, id);
  await meet(here, await startProcess({ poll: never, net: never }));
  expect(there.revocations.has(id)).toBe(false);
  await there.toRedis.restore();
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
});

test('who has lost Redis looks into the database each time, and once more when it is back', async () => {
  const [here, there] = [
    await startProcess({ poll: soon, net: never }),
    await startProcess({ poll: soon, net: never }),
  ];
  await meet(here, there);
  await here.toRedis.cut();
  await there.toRedis.cut();
  await isGone(here);
  await isGone(there);
  const id = await addSession(testDatabase.connection);
  await end(here, id);
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);

  // Ended while neither could be asked: whoever did it tells nobody any more.
  await there.toDatabase.cut();
  const another = await addSession(testDatabase.connection);
  await testDatabase.connection.query(
    'UPDATE sessions SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ?',
    [another],
  );
  await there.toRedis.restore();
  await vi.waitFor(() => expect(there.redis.problem).toBeUndefined(), 10_000);
  const read = randomUUID();
  await addToSet(there, read);
  await expect.poll(() => there.revocations.has(read), waiting).toBe(true);
  expect(there.revocations.has(another)).toBe(false);
  await there.toDatabase.restore();
  await expect.poll(() => there.revocations.has(another), waiting).toBe(true);
});

test('what could not be told is found in the database, by who can read Redis', async () => {
  const here = await startProcess({ poll: never, net: never });
  const there = await startProcess({ poll: soon, net: soon });
  await meet(here, there);
  await here.toRedis.cut();
  await isGone(here);
  const id = await addSession(testDatabase.connection);
  await end(here, id);
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
});

test('what could not be told is told once Redis is back', async () => {
  const pauses = { poll: never, net: never };
  const [here, there] = [await startProcess(pauses), await startProcess(pauses)];
  await meet(here, there);
  await here.toRedis.cut();
  await isGone(here);
  const id = randomUUID();
  await say(here, id);
  expect([here.revocations.has(id), there.revocations.has(id)]).toEqual([true, false]);
  await here.toRedis.restore();
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
});

test('what Redis did not take is told again until it does', async () => {
  const here = await startProcess({ poll: soon, net: never });
  const there = await startProcess({ poll: never, net: never });
  await meet(here, there);
  const refusal = vi.spyOn(here.redis.client, 'evalsha');
  refusal.mockRejectedValueOnce(new Error('it is full'));
  const id = randomUUID();
  await say(here, id);
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
  expect(refusal).toHaveBeenCalledTimes(2);
});

test('an emergency, which is a process of its own, has all look at once', async () => {
  const there = await startProcess({ poll: never, net: never });
  await meet(await startProcess({ poll: never, net: never }), there);
  const id = await addSession(testDatabase.connection);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const { database } = await startProcess({ poll: never, net: never });
  await endAllSessions(database, 'operator:test');
  await expect.poll(() => there.revocations.has(id), waiting).toBe(true);
});

test('an emergency is over as well where Redis cannot be reached', async () => {
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
  const { database } = await startProcess({ poll: never, net: never });
  await addSession(testDatabase.connection);
  expect(await endAllSessions(database, 'operator:test')).toBeGreaterThan(0);
});

test('Redis keeps an ended session for as long as a token of it is accepted', async () => {
  const { redis, ...process } = await startProcess({ poll: never, net: never });
  await vi.waitFor(() => expect(redis.problem).toBeUndefined(), 10_000);
  const key = redis.key('ended-sessions');
  const [seconds] = await redis.client.time();
  const ago = (time: number) => (Number(seconds) - time) * 1000;
  await redis.client.zadd(
    key,
    String(ago(accessTokenLongest + 1)),
    'over',
    String(ago(1)),
    'not over',
  );
  const id = randomUUID();
  await say({ redis, ...process }, id);
  await expect.poll(() => redis.client.zrange(key, 0, '-1'), waiting).toEqual(['not over', id]);
  const left = await redis.client.pttl(key);
  expect(left).toBeGreaterThan((accessTokenLongest - 60) * 1000);
  expect(left).toBeLessThanOrEqual(accessTokenLongest * 1000);
});

test('that nothing can be read is a problem; that only one of the two can is none yet', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { revocations, toDatabase, toRedis, redis } = await startProcess({
    poll: soon,
    net: 10_000,
  });
  await vi.waitFor(() => expect(redis.problem).toBeUndefined(), 10_000);
  await toDatabase.cut();
  vi.advanceTimersByTime(9000);
  await vi.waitFor(() => expect(revocations.problem).toBeUndefined(), 10_000);
  vi.advanceTimersByTime(6000);
  expect(revocations.problem).toMatch(/cannot be read/);
  await toDatabase.restore();
  await vi.waitFor(() => expect(revocations.problem).toBeUndefined(), 10_000);

  await toRedis.cut();
  await vi.waitFor(() => expect(redis.problem).toBeDefined(), 10_000);
  vi.advanceTimersByTime(6000);
  await vi.waitFor(() => expect(revocations.problem).toBeUndefined(), 10_000);
  await toDatabase.cut();
  vi.advanceTimersByTime(5000);
  expect(revocations.problem).toMatch(/cannot be read/);
});
