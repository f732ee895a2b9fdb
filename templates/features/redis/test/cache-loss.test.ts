// The cache while Redis is gone, or out of reach.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { openTestCache, ownPrefix, type TestCache } from './support/open-caches.ts';
import { startOwnRedis, type OwnRedis } from './support/own-redis.ts';
import { openProxy, type Proxy } from './support/proxy.ts';

const minute = 60_000;
const tagged = { schema: z.string(), tags: ['tag'] };
let own: OwnRedis;
let cut: Proxy;

beforeAll(async () => {
  own = await startOwnRedis();
  cut = await openProxy(new URL(inject('redisServer')));
});
afterAll(async () => {
  await own.close();
  await cut.close();
});

const fail = () => Promise.reject(new Error('the source is away'));
const read = ({ cache }: TestCache, value: string) =>
  cache.remember('key', minute, async () => value, tagged);

async function isBack({ redis }: TestCache): Promise<void> {
  await expect.poll(() => redis.problem, { timeout: 10_000 }).toBeUndefined();
}

test.each(['kill', 'freeze'] as const)(
  'after a %s of Redis everything is loaded, once for all in the process, and nothing fails',
  async (how) => {
    const held = await openTestCache({ prefix: ownPrefix(), url: own.url, patience: 200 });
    const { cache } = held;
    let loads = 0;
    let takes = 20;
    const load = async () => {
      await wait(takes);
      loads += 1;
      return `loaded ${loads}`;
    };
    expect(await cache.remember('key', minute, load, tagged)).toBe('loaded 1');

    await own[how]();
    // Longer than anybody waits for Redis: all have found out by then that it is gone.
    takes = 1000;
    const asked = Array.from({ length: 10 }, () => cache.remember('key', minute, load, tagged));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['loaded 2']));
    takes = 20;
    await cache.invalidate('tag');
    await expect(cache.remember('key', minute, fail, tagged)).rejects.toThrow('the source is away');

    await (how === 'kill' ? own.start() : own.thaw());
    await isBack(held);
    const loadedBefore = loads;
    expect(await cache.remember('key', minute, load, tagged)).toBe(`loaded ${loadedBefore + 1}`);
    const storesAgain = async () => {
      const before = loads;
      await cache.remember('key', minute, load, tagged);
      return loads === before;
    };
    await expect.poll(storesAgain, { timeout: 10_000 }).toBe(true);
    await held.close();
  },
);

test('what was invalidated while Redis was out of reach is not answered again, by nobody in the end', async () => {
  const prefix = ownPrefix();
  const near = await openTestCache({ prefix });
  const far = await openTestCache({ prefix, url: cut.url, patience: 200 });
  expect(await read(far, 'old')).toBe('old');
  await expect
    .poll(() => near.redis.client.exists(near.redis.key('cache', 'entry', 'key')))
    .toBe(1);

  await cut.cut();
  const gate = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const loadLong = () => {
    begun.resolve();
    return gate.promise;
  };
  const before = far.cache.remember('key', minute, loadLong, tagged);
  await begun.promise;
  await far.cache.invalidate('tag');
  expect(await read(far, 'new')).toBe('new');
  gate.resolve('from before');
  expect(await before).toBe('from before');
  expect(await read(near, 'not asked')).toBe('old');

  await cut.restore();
  await isBack(far);
  expect(await read(far, 'new')).toBe('new');
  await expect.poll(() => read(near, 'new'), { timeout: 10_000 }).toBe('new');
  await Promise.all([near.close(), far.close()]);
});

test('a Redis that takes nothing more still answers what it has', async () => {
  const full = await openTestCache({ prefix: ownPrefix(), url: own.url });
  await read(full, 'stored');
  await full.redis.client.config('SET', 'maxmemory', '1');
  for (const value of ['loaded', 'loaded again']) {
    const load = async () => value;
    expect(await full.cache.remember('another', minute, load, tagged)).toBe(value);
  }
  expect(await read(full, 'not asked')).toBe('stored');
  await full.redis.client.config('SET', 'maxmemory', '0');
  await full.close();
});
