// An access token is valid by itself, for a quarter of an hour, and nobody looks it up. So that it
// ends with its session all the same, each process knows the sessions that have ended in that time:
// its own at once, those that ended in another process within the pause below.
import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { temporarilyUnavailable } from '#app/http/errors.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import { accessTokenLongest } from '../access-tokens.ts';
import { sessions } from '../models.ts';

/** Milliseconds between looks at what other processes have ended. */
const pollPause = 1000;
/** Milliseconds without such a look after which somebody has to be told. */
const staleAfter = 5000;
/**
 * Seconds after which what a transaction writes is committed, and so to be seen, at the latest. In
 * that time a refresh that was answered may be repeated, too.
 */
const commitDelay = 60;
/** Seconds after its last use for which a session can have an access token that is accepted. */
const liveAfterUse = accessTokenLongest + commitDelay;

const ago = (seconds: number) => sql`UTC_TIMESTAMP(3) - INTERVAL ${seconds} SECOND`;
const wasUsedLately = gt(
  sql`COALESCE(${sessions.lastUsedAt}, ${sessions.createdAt})`,
  ago(liveAfterUse),
);

export interface Revocations {
  /**
   * Says whether a session has ended. Costs no query.
   *
   * @throws temporarily_unavailable until the ended sessions could be read for the first time
   */
  has(sessionId: string): boolean;
  /** Why sessions may have ended that are not known here; nothing where all is well. */
  readonly problem: string | undefined;
  /** Has the access tokens of these sessions refused, once the transaction is committed. */
  add(tx: Transaction, sessionIds: readonly string[]): void;
  close(): Promise<void>;
}

/** Opens the snapshot, with what has ended so far, and keeps it up to date until it is closed. */
export async function openRevocations(deps: {
  database: Database;
  log: Log;
}): Promise<Revocations> {
  const { database, log } = deps;
  /** Until when each is kept, by `performance.now()`. */
  const ended = new Map<string, number>();
  const tried = Promise.withResolvers<void>();
  /** When it was last read, by `performance.now()`. */
  let readAt: number | undefined;

  function keep(sessionIds: readonly string[]): void {
    const until = performance.now() + accessTokenLongest * 1000;
    for (const id of sessionIds) if (!ended.has(id)) ended.set(id, until);
  }

  function forgetOld(): void {
    const now = performance.now();
    // In the order in which they were added, and so in that of their ends.
    for (const [id, until] of ended) {
      if (until >= now) return;
      ended.delete(id);
    }
  }

  const loop = startLoop({ name: 'revocations', pause: pollPause, log }, async () => {
    try {
      const now = performance.now();
      const unseen = readAt === undefined ? Infinity : (now - readAt) / 1000 + commitDelay;
      // Added to, never replaced: this may have been read before a session ended that is kept.
      keep(await endedWithin(database, Math.min(unseen, liveAfterUse)));
      forgetOld();
      readAt = now;
    } finally {
      tried.resolve();
    }
  });
  await tried.promise;

  return {
    has(sessionId) {
      if (readAt === undefined) throw temporarilyUnavailable({ retryAfter: 1 });
      return ended.has(sessionId);
    },
    get problem() {
      if (readAt === undefined) {
        return 'Which sessions have ended is not read yet: nobody who is signed in is let in.';
      }
      if (performance.now() - readAt < staleAfter) return undefined;
      return 'Which sessions have ended cannot be read: what ends elsewhere goes on here meanwhile.';
    },
    add: (tx, sessionIds) => tx.afterCommit(() => keep(sessionIds)),
    close: () => loop.close(),
  };
}

/** Of those that ended, only the ones that matter: an incident may end all that there ever were. */
async function endedWithin(database: Database, seconds: number): Promise<string[]> {
  const rows = await database.queries
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(gt(sessions.revokedAt, ago(Math.ceil(seconds))), wasUsedLately));
  return rows.map(({ id }) => id);
}

/**
 * The sessions of a user that have ended and can have an access token that is accepted; of all the
 * others none has to be refused.
 */
export async function endedLately(tx: Transaction, userId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNotNull(sessions.revokedAt), wasUsedLately));
  return rows.map(({ id }) => id);
}
