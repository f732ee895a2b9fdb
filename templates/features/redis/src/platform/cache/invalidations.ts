// The tags that are invalidated although Redis could not be told.
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Redis } from '#app/platform/redis/redis.ts';
import { changeTag } from './entries.ts';

/** Milliseconds between two tries. */
const pause = 1000;
/** More than these are not kept; their entries are answered until they are too old. */
const most = 10_000;

export interface Invalidations {
  /** Invalidates what has the tag; until Redis has taken that, this process knows. */
  add(tag: string): Promise<void>;
  /** Whether Redis does not know yet that one of these is invalidated. */
  areOwed(tags: readonly string[]): boolean;
  close(): Promise<void>;
}

export function openInvalidations({ redis, log }: { redis: Redis; log: Log }): Invalidations {
  /** Each with the latest of its invalidations. */
  const owed = new Map<string, symbol>();

  async function tell(tag: string): Promise<boolean> {
    if (redis.problem !== undefined) return false;
    return changeTag(redis, tag).then(
      () => true,
      () => false,
    );
  }

  const loop = startLoop({ name: 'cache-invalidations', pause, log }, async () => {
    for (const [tag, latest] of owed) {
      if (!(await tell(tag))) return;
      if (owed.get(tag) === latest) owed.delete(tag);
    }
  });

  const wake = (): void => loop.wake();
  redis.client.on('ready', wake);

  return {
    async add(tag) {
      if (await tell(tag)) return;
      if (owed.size < most) owed.set(tag, Symbol(tag));
      else log.warn('too many invalidations that Redis could not take: old values may be answered');
    },
    areOwed: (tags) => owed.size > 0 && tags.some((tag) => owed.has(tag)),
    async close() {
      redis.client.off('ready', wake);
      await loop.close();
    },
  };
}
