import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openTestCache, ownPrefix, type TestCache } from './support/open-caches.ts';

const minute = 60_000;
const text = { schema: z.string() };
/** Two processes of one service. */
let one: TestCache;
let other: TestCache;
let loads = 0;

beforeAll(async () => {
  const prefix = ownPrefix();
  one = await openTestCache({ prefix });
  other = await openTestCache({ prefix });
});
afterAll(() => Promise.all([one.close(), other.close()]));
beforeEach(() => {
  loads = 0;
});

const load = async (value = 'loaded') => {
  loads += 1;
  return value;
};
const loadSlowly = async () => {
  await wait(50);
  return load();
};
const failSlowly = async () => {
  await loadSlowly();
  return fail();
};
const fail = () => Promise.reject(new Error('the source of ada@example.com is away'));
const entryOf = (key: string) => one.redis.key('cache', 'entry', key);

test('what was loaded once is answered from then on, in every process', async () => {
  expect(await one.cache.remember('plain', minute, load, text)).toBe('loaded');
  expect(await one.cache.remember('plain', minute, load, text)).toBe('loaded');
  expect(await other.cache.remember('plain', minute, load, text)).toBe('loaded');
  expect(loads).toBe(1);
});

test('of 50 who ask at the same time in two processes, one loads for all', async () => {
  const asked = Array.from({ length: 50 }, (_, index) =>
    (index % 2 === 0 ? one : other).cache.remember('crowd', minute, loadSlowly, text),
  );
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['loaded']));
  expect(loads).toBe(1);
});

test('who has waited a second for another process loads for itself', async () => {
  const gate = Promise.withResolvers<string>();
  const stuck = one.cache.remember('stuck', minute, () => gate.promise, text);
  const turn = () => one.redis.client.get(one.redis.key('cache', 'lock', 'stuck'));
  await expect.poll(turn).not.toBeNull();
  const taken = await turn();
  expect(await other.cache.remember('stuck', minute, load, text)).toBe('loaded');
  expect(await turn()).toBe(taken);
  gate.resolve('late');
  expect(await stuck).toBe('late');
});

test('an error of the load reaches all who wait, and is not stored', async () => {
  const asked = Array.from({ length: 5 }, () =>
    one.cache.remember('error', minute, failSlowly, text),
  );
  for (const answer of asked) await expect(answer).rejects.toThrow('is away');
  expect(loads).toBe(1);
  expect(await other.cache.remember('error', minute, load, text)).toBe('loaded');
});

const tagged = (...tags: string[]) => ({ ...text, tags });

describe('an invalidation', () => {
  test('reaches all that has the tag, in every process, and nothing else', async () => {
    const keys = { first: ['red', 'blue'], second: ['red'], third: ['blue'], fourth: [] };
    const askAll = async ({ cache }: TestCache, value: string) => {
      const asked = Object.entries(keys).map(([key, tags]) =>
        cache.remember(`tagged-${key}`, minute, () => load(value), tagged(...tags)),
      );
      return Promise.all(asked);
    };
    expect(await askAll(one, 'old')).toEqual(['old', 'old', 'old', 'old']);
    await one.cache.invalidate('red');
    expect(await askAll(other, 'new')).toEqual(['new', 'new', 'old', 'old']);
    expect(await askAll(one, 'newer')).toEqual(['new', 'new', 'old', 'old']);
  });

  test.each([
    ['this process', () => one],
    ['another process', () => other],
  ])('while a value is being loaded in %s keeps that from being answered later', async (_, who) => {
    const key = ownPrefix();
    const gate = Promise.withResolvers<string>();
    await one.cache.remember(key, minute, () => load('old'), tagged(key));
    await one.cache.invalidate(key);
    const before = who().cache.remember(key, minute, () => gate.promise, tagged(key));
    await expect.poll(() => one.redis.client.exists(one.redis.key('cache', 'lock', key))).toBe(1);

    await one.cache.invalidate(key);
    const ask = ({ cache }: TestCache) =>
      cache.remember(key, minute, () => load('new'), tagged(key));
    expect(await Promise.all([ask(one), ask(other)])).toEqual(['new', 'new']);
    gate.resolve('from before');
    expect(await before).toBe('from before');
    expect(await Promise.all([ask(one), ask(other)])).toEqual(['new', 'new']);
    expect(loads).toBe(2);
  });

  test('is not undone by the loss of what Redis knows of the tag', async () => {
    await one.cache.remember('lost', minute, () => load('old'), tagged('lost'));
    await one.cache.invalidate('lost');
    await one.redis.client.del(one.redis.key('cache', 'tag', 'lost'));
    expect(await one.cache.remember('lost', minute, () => load('new'), tagged('lost'))).toBe('new');
  });
});

test('what is stored together expires up to a tenth of its time apart', async () => {
  const prefix = ownPrefix();
  const hour = 60 * minute;
  const lives: number[] = [];
  for (const drawn of [0, 0.5, 0.999]) {
    const { cache, redis, close } = await openTestCache({ prefix, random: () => drawn });
    const key = `drawn-${drawn}`;
    await cache.remember(key, 100 * hour, load, text);
    lives.push(await redis.client.pttl(redis.key('cache', 'entry', key)));
    await close();
  }
  expect(lives.map((life) => Math.ceil(life / hour))).toEqual([100, 95, 91]);
});

describe('a value that may be stale', () => {
  const staleFor = minute;
  const stale = { ...text, staleFor, tags: ['stale'] };

  /** As if its time to live had passed. */
  const age = async (key: string) => {
    expect(await one.redis.client.pexpire(entryOf(key), staleFor - 1)).toBe(1);
  };

  test('is answered at once when it is old, while one process loads a new one', async () => {
    await one.cache.remember('stale', minute, () => load('old'), stale);
    await age('stale');
    const gate = Promise.withResolvers<void>();
    const renew = async () => {
      await gate.promise;
      return load('new');
    };
    const ask = ({ cache }: TestCache) => cache.remember('stale', minute, renew, stale);
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 ? one : other)));
    expect(new Set(asked)).toEqual(new Set(['old']));
    gate.resolve();
    await expect.poll(() => ask(other)).toBe('new');
    expect(loads).toBe(2);
    expect(await one.redis.client.pttl(entryOf('stale'))).toBeGreaterThan(staleFor);
  });

  test('stays where a new one cannot be loaded, and that is logged', async () => {
    await one.cache.remember('kept:ada@example.com', minute, () => load('old'), stale);
    await age('kept:ada@example.com');
    expect(await one.cache.remember('kept:ada@example.com', minute, fail, stale)).toBe('old');
    const logged = () => one.log.filter(({ msg }) => msg === 'a cached value cannot be renewed');
    await expect.poll(logged).toMatchObject([{ cache: 'kept', reason: 'Error' }]);
    expect(JSON.stringify(one.log)).not.toContain('ada@example.com');
  });

  test('is not answered when it was invalidated', async () => {
    await one.cache.remember('dropped', minute, () => load('old'), stale);
    await one.cache.invalidate('stale');
    expect(await other.cache.remember('dropped', minute, () => load('new'), stale)).toBe('new');
  });
});

describe('a value', () => {
  test.each(['{"name":7}', '{"title":"x"}', 'null', 'no JSON', ''])(
    'that another version has written as %o counts as none',
    async (json) => {
      const key = `version-${json}`;
      await one.redis.client.set(entryOf(key), `\n${json}`);
      const read = () =>
        one.cache.remember(key, minute, async () => ({ name: await load() }), {
          schema: z.object({ name: z.string() }),
        });
      expect(await read()).toEqual({ name: 'loaded' });
      expect(await read()).toEqual({ name: 'loaded' });
      expect(loads).toBe(1);
    },
  );

  test('is the same when it is loaded as when it is stored, whatever its codec makes of it', async () => {
    const schema = z.object({
      at: z.codec(z.iso.datetime(), z.date(), {
        decode: (iso) => new Date(iso),
        encode: (date) => date.toISOString(),
      }),
    });
    const at = new Date('2026-01-02T03:04:05.678Z');
    const more = { at, notInTheSchema: true };
    for (const { cache } of [one, other]) {
      expect(await cache.remember('codec', minute, async () => more, { schema })).toEqual({ at });
    }
  });

  test('that does not fit its schema is refused, and not quoted', async () => {
    const wrong = z.object({ age: z.number() }) as unknown as z.ZodType<{ age: string }>;
    const asked = one.cache.remember('wrong', minute, async () => ({ age: 'secret' }), {
      schema: wrong,
    });
    await expect(asked).rejects.toThrow(/does not fit its schema: age invalid_type/);
    await expect(asked).rejects.not.toThrow(/secret/);
  });

  test('that is too large is answered and not stored', async () => {
    const large = 'x'.repeat(300_000);
    expect(await one.cache.remember('large:key', minute, () => load(large), text)).toBe(large);
    expect(await one.redis.client.exists(entryOf('large:key'))).toBe(0);
    const logged = one.log.filter(({ msg }) => msg === 'a value is too large to be cached');
    expect(logged).toMatchObject([{ cache: 'large', bytes: 300_002 }]);
  });

  test('lives for 7 days at most', async () => {
    for (const ttl of [0, -1, Number.NaN, 8 * 24 * 60 * minute]) {
      await expect(one.cache.remember('ttl', ttl, load, text)).rejects.toThrow(RangeError);
    }
  });
});

const readAs = (accountId: string, key: string, ...tags: string[]) =>
  one.cache.forAccount(accountId).remember(key, minute, () => load(accountId), tagged(...tags));

const invoicesOf = (accountId: string) => readAs(accountId, 'invoices', 'all');

describe('T2: of another account', () => {
  const a = '01890000-0000-7000-8000-00000000000a';
  const b = '01890000-0000-7000-8000-00000000000b';
  test('no value is answered, and none is invalidated', async () => {
    expect([await invoicesOf(a), await invoicesOf(b)]).toEqual([a, b]);
    expect(await one.cache.remember('invoices', minute, () => load('of all'), text)).toBe('of all');
    await one.cache.forAccount(a).invalidate('all');
    await one.cache.invalidate('all');
    expect([await invoicesOf(b), await invoicesOf(a)]).toEqual([b, a]);
    expect(loads).toBe(4);
  });

  test('none is answered for an id and a key that make the same name', async () => {
    for (const [id, key] of [
      ['a', 'b:entry:c'],
      ['a:entry:b', 'c'],
      ['a%3Aentry%3Ab', 'c'],
    ] as const) {
      expect(await readAs(id, key)).toBe(id);
    }
  });
});
