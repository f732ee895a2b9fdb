import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '#app/log.ts';
import { redisStore } from '#app/platform/limits/redis-store.ts';
import type { Store } from '#app/platform/limits/store.ts';
import { openRedis, type Redis } from '#app/platform/redis/redis.ts';
import { redisVariables } from '../support/redis.ts';
import { newBucket } from './support/buckets.ts';
import { untilReady } from './support/redis-ready.ts';
import { testStoreContract } from './support/store-contract.ts';

let clients: Redis[] = [];
let stores: Store[] = [];

beforeAll(async () => {
  const { REDIS_URL, REDIS_PREFIX = '' } = await redisVariables();
  const deps = { settings: { REDIS_URL, REDIS_PREFIX }, log: createLog({ LOG_LEVEL: 'silent' }) };
  clients = await Promise.all(Array.from({ length: 3 }, () => openRedis(deps)));
  stores = clients.map(redisStore);
  await Promise.all(clients.map(untilReady));
});
afterAll(async () => {
  await Promise.all(clients.map((redis) => redis.close()));
});

describe('the store in Redis', () => {
  testStoreContract(() => stores);
});

test('whatever is written ends by itself', async () => {
  const [redis] = clients;
  const [store] = stores;
  const [spent, told] = [newBucket({ per: 50 }), newBucket()];
  await store?.spend([spent]);
  await store?.spend([spent]);
  await store?.add(told.key, { points: 1, own: 1 }, 20_000);
  await store?.add(told.key, { points: 1, own: 2 }, 90_000);
  const nameOf = ({ key }: { key: string }) => redis?.key('limit', key) ?? '';
  for (const [bucket, longest] of [
    [spent, 50_000],
    [told, 20_000],
  ] as const) {
    const left = await redis?.client.pttl(nameOf(bucket));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(longest);
  }
});

test('a Redis that has forgotten its scripts is given them again', async () => {
  const bucket = newBucket();
  await clients[0]?.client.script('FLUSH');
  expect((await stores[0]?.spend([bucket]))?.admitted).toBe(true);
});

test('what was counted of a call whose answer was lost is not counted again', async () => {
  const [store, other] = stores;
  const bucket = newBucket({ points: 10 });
  await other?.spend([bucket]);
  await store?.spend([bucket]);
  // It was spent elsewhere, as far as the process knows, and so was another one.
  await store?.add(bucket.key, { points: 2, own: 2 }, 60_000);
  const spending = await store?.spend([bucket]);
  expect(spending?.windows).toMatchObject([{ used: 4, own: 3 }]);
});
