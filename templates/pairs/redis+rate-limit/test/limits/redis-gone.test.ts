// Counting in Redis while it goes and comes.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { databaseStore } from '#app/platform/limits/database-store.ts';
import { limitsOn, type Limits } from '#app/platform/limits/limits.ts';
import { redisStore } from '#app/platform/limits/redis-store.ts';
import { openRedis, type Redis } from '#app/platform/redis/redis.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { redisVariables } from '../support/redis.ts';
import { testSealing } from '../support/sealing.ts';
import { newBucket } from './support/buckets.ts';
import { untilReady } from './support/redis-ready.ts';
import { callAll } from './support/processes.ts';

let testDatabase: TestDatabase;
let toRedis: Proxy;
let toDatabase: Proxy;
let clients: Redis[];
let processes: Limits[];
let returns: number;
const closing: (() => Promise<void>)[] = [];

const log = createLog(
  { LOG_LEVEL: 'info' },
  {
    write(line: string) {
      const { store, msg } = JSON.parse(line);
      if (store === 'redis' && msg === 'limits are counted there again') returns += 1;
    },
  },
);

beforeEach(async () => {
  [clients, processes, returns] = [[], [], 0];
  testDatabase = await createTestDatabase();
  const { REDIS_URL = '', REDIS_PREFIX = '' } = await redisVariables();
  toRedis = await openProxy(new URL(REDIS_URL));
  toDatabase = await openProxy(new URL(testDatabase.url));
  for (let count = 0; count < 4; count += 1) await openProcess(REDIS_PREFIX);
  // Neither what is spent nor how often is counted while a connection is made.
  for (const process of processes) await process.spend([newBucket()]);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await Promise.all([toRedis.close(), toDatabase.close()]);
  await testDatabase.drop();
});

async function openProcess(prefix: string): Promise<void> {
  const database = await openDatabase({
    settings: { DATABASE_URL: toDatabase.url, DATABASE_POOL_SIZE: 3 },
    sealing: testSealing,
  });
  const redis = await openRedis({
    settings: { REDIS_URL: toRedis.url, REDIS_PREFIX: prefix },
    log,
  });
  await untilReady(redis);
  // With patience: on a slow machine it is not the database that is gone.
  const stores = [redisStore(redis), { ...databaseStore(database), patience: 60_000 }];
  const limits = limitsOn(stores, { log, database });
  clients.push(redis);
  processes.push(limits);
  closing.push(async () => {
    await limits.close();
    await redis.close();
    await database.close();
  });
}

/** Waits until each process counts in Redis again. */
async function untilBack(): Promise<void> {
  const asksAll = async () => {
    await callAll(processes, newBucket(), processes.length);
    return returns;
  };
  await expect.poll(asksAll, { timeout: 15_000 }).toBe(processes.length);
}

const each = () => processes.length;

test('when Redis goes, the count goes on in the database, to exactly the limit', async () => {
  const bucket = newBucket({ points: 100 });
  expect(await callAll(processes, bucket, 40)).toBe(40);
  await toRedis.cut();
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, 100)).toBe(60 - each());
  expect(processes.map(({ problem }) => problem)).toEqual(processes.map(() => undefined));
});

test('when it is back, the count goes on there, with what was counted meanwhile', async () => {
  const bucket = newBucket({ points: 100 });
  expect(await callAll(processes, bucket, 40)).toBe(40);
  await toRedis.cut();
  expect(await callAll(processes, bucket, 20)).toBe(20);
  await toRedis.restore();
  await untilBack();
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, 100)).toBe(40 - each());
});

test('when it comes back empty, each process tells it again what it had spent', async () => {
  const bucket = newBucket({ points: 100 });
  expect(await callAll(processes, bucket, 40)).toBe(40);
  await clients[0]?.client.del(clients[0].key('limit', bucket.key));
  // By these each process sees that another window runs.
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, 100)).toBe(60 - 2 * each());
});

test('when it is silent, calls are answered all the same', async () => {
  const bucket = newBucket({ points: 30 });
  expect(await callAll(processes, bucket, 10)).toBe(10);
  toRedis.freeze();
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, 100)).toBe(20 - each());
});

test('what it counted while nobody heard of it is not counted again', async () => {
  const bucket = newBucket({ points: 100 });
  expect(await callAll(processes, bucket, 40)).toBe(40);
  toRedis.deafen();
  // They are counted there, wait for its answers in vain, and are counted in the database.
  expect(await callAll(processes, bucket, 5 * each())).toBe(5 * each());
  await untilBack();
  expect(await callAll(processes, bucket, each())).toBe(each());
  expect(await callAll(processes, bucket, 100)).toBe(60 - 6 * each());
});

test('when both are gone, each process counts on alone, and says so', async () => {
  const bucket = newBucket({ points: 100 });
  expect(await callAll(processes, bucket, 40)).toBe(40);
  await Promise.all([toRedis.cut(), toDatabase.cut()]);
  const admitted = await callAll(processes, bucket, 100 * each());
  expect(admitted).toBeGreaterThanOrEqual(60);
  // Each knows at least of the ten that it has spent itself.
  expect(admitted).toBeLessThanOrEqual(90 * each());
  expect(processes[0]?.problem).toBe('Limits are counted by each process alone.');
});
