import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { openCache, type Cache } from '#app/platform/cache/cache.ts';
import { openRedis, type Redis } from '#app/platform/redis/redis.ts';

export interface TestCache {
  readonly cache: Cache;
  readonly redis: Redis;
  /** What it has logged so far, a parsed line each. */
  readonly log: Record<string, unknown>[];
  close: () => Promise<void>;
}

/** The beginning of keys that nobody else has. */
export const ownPrefix = (): string => `test-${randomBytes(6).toString('hex')}`;

/**
 * Opens a cache as one process of the service has it.
 *
 * @param options.prefix the same for the processes of a service
 * @param options.url another Redis than that of the test run
 * @param options.patience milliseconds in which it answers; enough for a machine that has much to do,
 *   where nothing is said
 * @param options.database that of who asks, where it matters whether they are in one transaction
 */
export async function openTestCache(options: {
  prefix: string;
  url?: string;
  random?: () => number;
  patience?: number;
  database?: Pick<Database, 'oneTransaction'>;
}): Promise<TestCache> {
  const { prefix, url = inject('redisServer'), random = () => 0, patience = 20_000 } = options;
  const { database = { oneTransaction: undefined } } = options;
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLog({ LOG_LEVEL: 'info' }, destination);
  const settings = { REDIS_URL: url, REDIS_PREFIX: prefix };
  const redis = await openRedis({ settings, log, patience });
  const cache = await openCache({ redis, log, database, random });
  return {
    cache,
    redis,
    log: lines,
    async close() {
      await cache.close();
      await redis.close();
    },
  };
}
