import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Redis } from '../redis/redis.ts';
import { databaseStore } from './database-store.ts';
import { limitsOn, type Limits } from './limits.ts';
import { redisStore } from './redis-store.ts';

/** Opens what counts in Redis, and in the database while Redis is gone. */
export async function openRedisLimits(deps: {
  log: Log;
  database: Database;
  redis: Redis;
}): Promise<Limits> {
  return limitsOn([redisStore(deps.redis), databaseStore(deps.database)], deps);
}
