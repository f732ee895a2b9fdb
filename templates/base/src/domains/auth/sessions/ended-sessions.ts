// What a process knows of the sessions that have ended: what it was told, and what the database says.
import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { temporarilyUnavailable } from '#app/http/errors.ts';
import { accessTokenLongest } from '../access-tokens.ts';
import { sessions } from '../models.ts';
import { recentIds } from './recent-ids.ts';

/** Milliseconds without a look at what has ended elsewhere, after which somebody has to be told. */
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

export interface EndedSessions {
  /**
   * Says whether a session has ended. Costs no query.
   *
   * @throws temporarily_unavailable until the database was read for the first time
   */
  has(sessionId: string): boolean;
  /** Adds sessions that have ended. They are forgotten when none of their access tokens is valid. */
  keep(sessionIds: readonly string[]): void;
  /** Adds those that have ended since the database was last read, or ever where it was not. */
  read(): Promise<void>;
  /** When the last reading of the database began, by `performance.now()`. */
  readonly readAt: number | undefined;
}

export function endedSessions(database: Database): EndedSessions {
  const ended = recentIds(accessTokenLongest * 1000);
  let readAt: number | undefined;

  return {
    has(sessionId) {
      if (readAt === undefined) throw temporarilyUnavailable({ retryAfter: 1 });
      return ended.has(sessionId);
    },
    keep: (sessionIds) => ended.add(sessionIds),
    async read() {
      const now = performance.now();
      const unseen = readAt === undefined ? Infinity : (now - readAt) / 1000 + commitDelay;
      // Added to, never replaced: this may have been read before a session ended that is kept.
      ended.add(await endedWithin(database, Math.min(unseen, liveAfterUse)));
      readAt = now;
    },
    get readAt() {
      return readAt;
    },
  };
}

/**
 * Why sessions may have ended that are not known; nothing where all is well.
 *
 * @param knownUntil up to when all that ended is known, by `performance.now()`
 */
export function problemOf(knownUntil: number | undefined): string | undefined {
  if (knownUntil === undefined) {
    return 'Which sessions have ended is not read yet: nobody who is signed in is let in.';
  }
  if (performance.now() - knownUntil < staleAfter) return undefined;
  return 'Which sessions have ended cannot be read: what ends elsewhere goes on here meanwhile.';
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
