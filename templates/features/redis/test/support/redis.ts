import { randomBytes } from 'node:crypto';

/** The Redis of a test run, and keys of its own for each service. */
export async function redisVariables(): Promise<Record<string, string>> {
  return {
    REDIS_URL: process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379',
    REDIS_PREFIX: `test-${randomBytes(6).toString('hex')}`,
  };
}
