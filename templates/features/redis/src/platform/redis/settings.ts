import { z } from 'zod';
import { neededInProduction } from '#app/environment.ts';

export const redisSettings = {
  /** The Redis server, as a URL. */
  REDIS_URL: neededInProduction(
    z.url({
      protocol: /^rediss?$/,
      error: 'Must be a URL of the form redis://user:password@host:6379 or rediss:// for TLS',
    }),
  ),
  /** What all keys begin with, so that several services can share a server. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]{1,40}$/, 'Must be letters, digits, - and _, at most 40')
    .default('app'),
};

export type RedisSettings = z.infer<z.ZodObject<typeof redisSettings>>;
