import { z } from 'zod';
import { givenIn } from '#app/environment.ts';
import { createLog } from '#app/log.ts';
import { openRedis } from '#app/platform/redis/redis.ts';
import { redisSettings } from '#app/platform/redis/settings.ts';
import { tellOfEverything } from './shared-ends.ts';

const shape = z.object(redisSettings);

/**
 * Has every process look at once for the sessions that a command has ended, where its environment
 * names Redis. Where that cannot be reached from here, they look within ten seconds by themselves.
 */
export async function tellByRedis(): Promise<void> {
  const { data: settings } = shape.safeParse(givenIn(process.env));
  if (settings?.REDIS_URL === undefined) return;
  const redis = await openRedis({ settings, log: createLog({ LOG_LEVEL: 'silent' }) });
  // It only makes them look sooner, and no command fails for want of that.
  await tellOfEverything(redis).catch(() => undefined);
  await redis.close();
}
