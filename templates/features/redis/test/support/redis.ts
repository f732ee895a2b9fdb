import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

/** The Redis of the test run, and keys of its own for each service. */
export async function redisVariables(): Promise<Record<string, string>> {
  return {
    REDIS_URL: inject('redisServer'),
    REDIS_PREFIX: `test-${randomBytes(6).toString('hex')}`,
  };
}
