import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLock } from '#app/platform/redis/lock.ts';
import { openTestCache, ownPrefix, type TestCache } from './support/open-caches.ts';
import { startOwnRedis } from './support/own-redis.ts';

const minute = 60_000;
let one: TestCache;
let other: TestCache;

beforeAll(async () => {
  const prefix = ownPrefix();
  one = await openTestCache({ prefix });
  other = await openTestCache({ prefix });
});
afterAll(() => Promise.all([one.close(), other.close()]));

const work = async () => 'worked';
const fail = () => Promise.reject(new Error('it went wrong'));

test('while one does the work another does not, and afterwards it may', async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const first = withLock(one.redis, 'work', minute, async () => {
    begun.resolve();
    await gate.promise;
    return 'first';
  });
  await begun.promise;
  expect(await withLock(other.redis, 'work', minute, work)).toEqual({ done: false });
  expect(await withLock(other.redis, 'other work', minute, work)).toMatchObject({ done: true });
  gate.resolve();
  expect(await first).toEqual({ done: true, result: 'first' });
  expect(await withLock(other.redis, 'work', minute, work)).toMatchObject({ done: true });
});

test('work that fails gives the lock back', async () => {
  await expect(withLock(one.redis, 'failing', minute, fail)).rejects.toThrow('it went wrong');
  expect(await withLock(other.redis, 'failing', minute, work)).toMatchObject({ done: true });
});

test('a lock that has ended is not taken from who has it by then', async () => {
  const key = one.redis.key('lock', 'long');
  const inner = withLock(one.redis, 'long', minute, async () => {
    await one.redis.client.del(key); // as if its time had passed
    await other.redis.client.set(key, 'of another one');
  });
  expect(await inner).toMatchObject({ done: true });
  expect(await one.redis.client.get(key)).toBe('of another one');
  await one.redis.client.del(key);
});

test('while Redis is gone everybody does the work', async () => {
  const own = await startOwnRedis();
  const held = await openTestCache({ prefix: ownPrefix(), url: own.url });
  await own.kill();
  const both = [1, 2].map(() => withLock(held.redis, 'work', minute, work));
  expect(await Promise.all(both)).toEqual([
    { done: true, result: 'worked' },
    { done: true, result: 'worked' },
  ]);
  await held.close();
  await own.close();
});
