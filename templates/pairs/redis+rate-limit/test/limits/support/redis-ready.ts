import { once } from 'node:events';
import type { Redis } from '#app/platform/redis/redis.ts';

/** Waits until the client has its connection. */
export async function untilReady({ client }: Redis): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready');
}
