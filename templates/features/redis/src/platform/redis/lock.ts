import { randomUUID } from 'node:crypto';
import type { Redis } from './redis.ts';
import { defineScript } from './script.ts';

/** What became of work that only one at a time should do. */
export type Outcome<T> = { readonly done: true; readonly result: T } | { readonly done: false };

/**
 * Does some work unless another process is at it, to avoid doing it twice.
 *
 * It must be harmless if two do it all the same, since that happens: when the work takes longer than
 * the lock lasts, when a process is held up, when Redis is gone (everybody does the work then), is
 * started again or has lost its memory. Where that would be wrong, the database decides: a unique
 * key, an old value in WHERE, a row that is locked.
 *
 * @param ttl milliseconds after which the lock ends, whether the work is done or not
 * @returns its result; or that another one is at it, and it was not done here
 */
export async function withLock<T>(
  redis: Redis,
  name: string,
  ttl: number,
  work: () => Promise<T>,
): Promise<Outcome<T>> {
  const key = redis.key('lock', name);
  const token = randomUUID();
  if (!(await take(redis, key, token, ttl))) return { done: false };
  try {
    return { done: true, result: await work() };
  } finally {
    // Where Redis cannot be told, it ends by itself.
    await release(redis.client, [key], [token]).catch(() => undefined);
  }
}

async function take(redis: Redis, key: string, token: string, ttl: number): Promise<boolean> {
  if (redis.problem !== undefined) return true;
  try {
    return (await redis.client.set(key, token, 'PX', ttl, 'NX')) === 'OK';
  } catch {
    return true;
  }
}

/** Only one's own: it may have ended and be another's by now. */
const release = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);
