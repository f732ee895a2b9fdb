// Which sessions have ended, where processes tell each other by Redis. What is true after any loss is
// the database: it is read where Redis cannot say, and now and then where it can.
//
// An end is known in the process that made it at once, and in the others
// - at once, by a message of Redis;
// - within a second where the message was lost, or Redis cannot be read: as without it;
// - within ten seconds where Redis can be read and was not told. Who cannot tell it tries each second,
//   as long as that process lives; a command has all look at the database, where it reaches Redis.
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Redis } from '#app/platform/redis/redis.ts';
import { accessTokenLongest } from '../access-tokens.ts';
import { endedSessions, problemOf } from './ended-sessions.ts';
import { recentIds } from './recent-ids.ts';
import type { Revocations } from './revocations.ts';
import { openSharedEnds } from './shared-ends.ts';

/** Milliseconds between looks at Redis, or at the database where Redis cannot be read. */
const pollPause = 1000;
/** Milliseconds between looks at the database where Redis can be read. */
const netPause = 10_000;
/** Sessions that are told at once, so that it takes Redis no time. */
const batch = 1000;

/**
 * Opens what is known of ended sessions, and keeps it up to date until it is closed.
 *
 * @param options the pauses above; for tests
 */
export async function openSharedRevocations(
  deps: { database: Database; log: Log; redis: Redis },
  options: { readonly poll?: number; readonly net?: number } = {},
): Promise<Revocations> {
  const { database, log, redis } = deps;
  const { poll = pollPause, net = netPause } = options;
  const ended = endedSessions(database);
  /** What ended here and Redis is still to be told. */
  const owed = recentIds(accessTokenLongest * 1000);
  /** Since when Redis was read each time, and when it was read last, by `performance.now()`. */
  let shared: { readonly since: number; readonly at: number } | undefined;
  /** When a reading of the database was asked for, by `performance.now()`. */
  let askedAt = 0;

  const ends = openSharedEnds(redis, {
    ended: (sessionIds) => ended.keep(sessionIds),
    everythingEnded() {
      askedAt = performance.now();
      databaseLoop.wake();
    },
    interrupted() {
      shared = undefined;
      redisLoop.wake();
      databaseLoop.wake();
    },
  });

  function lose(): void {
    if (shared !== undefined) databaseLoop.wake();
    shared = undefined;
  }

  async function tellOwed(): Promise<void> {
    for (;;) {
      const sessionIds = owed.oldest(batch);
      if (sessionIds.length === 0) return;
      await ends.tell(sessionIds);
      owed.delete(sessionIds);
    }
  }

  async function readShared(): Promise<void> {
    try {
      ended.keep(await ends.read());
    } catch (error) {
      lose();
      throw error;
    }
    const now = performance.now();
    if (shared === undefined) databaseLoop.wake();
    shared = { since: shared?.since ?? now, at: now };
  }

  function isDue(): boolean {
    const { readAt } = ended;
    if (readAt === undefined || shared === undefined) return true;
    // Whoever could not tell Redis while it was gone has told nobody.
    return readAt < Math.max(shared.since, askedAt) || performance.now() - readAt >= net;
  }

  const tried = Promise.withResolvers<void>();
  const databaseLoop = startLoop({ name: 'revocations', pause: poll, log }, async () => {
    try {
      if (isDue()) await ended.read();
    } finally {
      tried.resolve();
    }
  });
  const redisLoop = startLoop({ name: 'shared revocations', pause: poll, log }, async () => {
    // Where Redis is gone the client has logged it, and the database says what it would have said.
    if (redis.problem !== undefined) return lose();
    const outcomes = await Promise.allSettled([tellOwed(), readShared()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined && redis.problem === undefined) throw failed.reason;
  });
  await tried.promise;

  return {
    has: (sessionId) => ended.has(sessionId),
    get problem() {
      const { readAt } = ended;
      if (readAt === undefined || shared === undefined) return problemOf(readAt);
      return problemOf(Math.max(readAt, Math.min(shared.at, readAt + net)));
    },
    add(tx, sessionIds) {
      tx.afterCommit(() => {
        ended.keep(sessionIds);
        owed.add(sessionIds);
        redisLoop.wake();
      });
    },
    async close() {
      await Promise.all([redisLoop.close(), databaseLoop.close()]);
      // What could not be told until now is in the database, where the others find it.
      await tellOwed().catch(() => undefined);
      ends.close();
    },
  };
}
