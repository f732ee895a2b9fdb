// Whether anybody does jobs: each worker says so again and again, in Redis.
import type { Services } from '#app/lifecycle.ts';

/** Seconds for which a worker counts as there. */
const lifetime = 30;

type Deps = Pick<Services, 'redis'>;

const keyOf = ({ redis }: Deps): string => redis.key('jobs', 'worker');

export async function tellPresence(deps: Deps): Promise<void> {
  const { redis } = deps;
  if (redis.problem === undefined) await redis.client.set(keyOf(deps), '1', 'EX', lifetime);
}

/** @throws Error where Redis does not say */
export async function isAnybodyThere(deps: Deps): Promise<boolean> {
  return (await deps.redis.client.exists(keyOf(deps))) === 1;
}
