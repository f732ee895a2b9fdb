import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits for Redis, but not for ever.
 *
 * @throws Error where it does not answer in so many milliseconds
 */
export async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const timeout = new AbortController();
  const giveUp = async (): Promise<never> => {
    await wait(milliseconds, undefined, { signal: timeout.signal });
    throw new Error('Redis does not answer');
  };
  try {
    return await Promise.race([work, giveUp()]);
  } finally {
    timeout.abort();
  }
}
