import { temporarilyUnavailable } from '#app/http/errors.ts';
import type { Log } from '#app/log.ts';
import type { Redis } from '#app/platform/redis/redis.ts';

/** How often a process asks that is too busy to hear an answer. */
const attempts = 5;
/** The share of its time in which a process is busy that may overlook one. */
const busy = 0.25;

/** Asks for something that may be done twice. @throws temporarily_unavailable */
export type AskRedis = <T>(command: () => Promise<T>) => Promise<T>;

/** Gives a way to ask Redis that fails as a page may tell it. Why it failed goes to the log. */
export function askRedis({ redis, log }: { redis: Redis; log: Log }): AskRedis {
  return async (command) => {
    for (let asked = 1; redis.problem === undefined; asked += 1) {
      const wasBusy = watchLoop();
      try {
        return await command();
      } catch (error) {
        redis.doubt();
        // A process that is busy may find too late what was there in time.
        if (wasBusy() && asked < attempts) continue;
        log.warn({ err: error }, 'Redis did not do what it was asked for');
        break;
      }
    }
    throw temporarilyUnavailable({
      detail: 'The sessions of the admin area cannot be reached.',
      retryAfter: 5,
    });
  };
}

/** Gives whether the process was busy since. */
function watchLoop(): () => boolean {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization > busy;
}
