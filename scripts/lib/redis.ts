import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { privateServer } from '../../templates/base/dev/local/server.ts';
import { use, type Use } from '../../templates/base/dev/local/service.ts';
import { redis } from '../../templates/features/redis/dev/local/redis.ts';
import { root } from './root.ts';

/**
 * The Redis for tests and measurements: the one that TEST_REDIS_URL or REDIS_URL names, else a
 * private one under `.cache/`, as every generated project that needs one has for development.
 *
 * @param command who uses it, for the message of somebody who wants to stop it
 */
export async function useRedis(command: string): Promise<Use> {
  const given = process.env['TEST_REDIS_URL'] ?? process.env['REDIS_URL'];
  if (given !== undefined) return { url: given, leave: () => Promise.resolve() };
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  return use(privateServer(redis, cache), { command });
}
