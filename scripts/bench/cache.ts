import { z } from 'zod';

import { useRedis } from '../lib/redis.ts';
import type { Stages } from '../lib/stage.ts';
import { type Figure, atMost, median, medianRatio, microseconds, times } from './figure.ts';
import { withLinkedProject } from './linked.ts';

const rounds = 101;
const reads = 100;

/** The project's own modules, as far as they are measured. */
interface Modules {
  openRedis: (deps: { settings: object; log: object }) => Promise<Redis>;
  openCache: (deps: { redis: Redis; log: object; database: object }) => Promise<Cache>;
  createLog: (settings: object) => object;
}

interface Redis {
  client: {
    get: (key: string) => Promise<string | null>;
    set: (key: string, value: string) => Promise<unknown>;
  };
  key: (...parts: string[]) => string;
  close: () => Promise<void>;
}

interface Cache {
  remember: <T>(key: string, ttl: number, load: () => Promise<T>, options: object) => Promise<T>;
  close: () => Promise<void>;
}

/** What a cached value looks like: a page of a list, about 2 kB as JSON. */
const schema = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), price: z.number() })),
  next: z.string().nullable(),
});
const value: z.infer<typeof schema> = {
  items: Array.from({ length: 25 }, (_, index) => ({
    id: crypto.randomUUID(),
    name: `The item of number ${index}`,
    price: index * 100,
  })),
  next: null,
};
const minute = 60_000;

/**
 * Time of a hit in the cache beside that of a bare GET of the same value, which is neither parsed nor
 * checked: what is asked for comes over one connection, one after the other.
 */
export async function measureCache(stages: Stages): Promise<Figure[]> {
  const server = await useRedis('npm run bench');
  try {
    return await withLinkedProject(['redis'], async ({ load }) => {
      const files = ['platform/redis/redis.ts', 'platform/cache/cache.ts', 'log.ts'];
      const { openRedis, openCache, createLog } = (await load(files)) as Modules;
      const log = createLog({ LOG_LEVEL: 'silent' });
      const settings = { REDIS_URL: server.url, REDIS_PREFIX: `bench-${crypto.randomUUID()}` };
      const redis = await openRedis({ settings, log });
      const cache = await openCache({ redis, log, database: { oneTransaction: undefined } });
      try {
        return [await stages.run('Reading the cache', () => race(redis, cache))];
      } finally {
        await cache.close();
        await redis.close();
      }
    });
  } finally {
    await server.leave();
  }
}

async function race({ client, key }: Redis, cache: Cache): Promise<Figure> {
  const load = () => Promise.resolve(value);
  const hit = () => cache.remember('page', minute, load, { schema });
  const bare = () => client.get(key('bare'));
  await client.set(key('bare'), JSON.stringify(value));
  await hit();

  const took = { hit: [] as number[], bare: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [hits, gets] = [await timeOf(hit), await timeOf(bare)];
    // The first round warms up and is not counted.
    if (round === 0) continue;
    took.hit.push(hits);
    took.bare.push(gets);
  }
  return {
    ...atMost('a hit in the cache', medianRatio(took.hit, took.bare), 2, times),
    detail: `${microseconds(median(took.hit))}, a bare GET of the same 2 kB ${microseconds(median(took.bare))}, medians of ${rounds}`,
  };
}

/** Milliseconds of one, out of many one after the other. */
async function timeOf(read: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let turn = 0; turn < reads; turn += 1) await read();
  return (performance.now() - started) / reads;
}
