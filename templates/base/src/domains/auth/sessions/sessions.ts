import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Identity } from '../access-tokens.ts';
import { sessions } from '../models.ts';
import { endSessionOf, endSessionsOf } from './end-sessions.ts';
import { idleDays } from './refresh-tokens.ts';
import type { Revocations } from './revocations.ts';

/** Sessions that are listed at most. */
const listed = 100;

export type Session = Pick<
  typeof sessions.$inferSelect,
  'id' | 'createdAt' | 'lastUsedAt' | 'ip' | 'userAgent'
>;

export interface Sessions {
  /** Where a user is signed in, the latest sign-in first. */
  list(userId: string): Promise<Session[]>;
  /** Resolves to false where the user has no such session. */
  end(who: Identity, sessionId: string): Promise<boolean>;
  /** Ends all sessions of a user, the asking one too. */
  endAll(who: Identity): Promise<void>;
}

export function openSessions(deps: { database: Database; revocations: Revocations }): Sessions {
  const { database, revocations } = deps;

  return {
    list: (userId) =>
      database.queries
        .select({
          id: sessions.id,
          createdAt: sessions.createdAt,
          lastUsedAt: sessions.lastUsedAt,
          ip: sessions.ip,
          userAgent: sessions.userAgent,
        })
        .from(sessions)
        .where(
          and(
            eq(sessions.userId, userId),
            isNull(sessions.revokedAt),
            gt(sessions.expiresAt, sql`UTC_TIMESTAMP(3)`),
            sql`COALESCE(${sessions.lastUsedAt}, ${sessions.createdAt}) > UTC_TIMESTAMP(3) - INTERVAL ${idleDays} DAY`,
          ),
        )
        .orderBy(desc(sessions.createdAt))
        .limit(listed),

    end: ({ userId }, sessionId) =>
      database.transaction(async (tx) => {
        const ended = await endSessionOf(tx, userId, sessionId, revocations);
        if (!ended) return false;
        recordAct(tx, {
          actor: `user:${userId}`,
          action: 'user.session_ended',
          subject: `user:${userId}`,
          detail: { sessionId },
        });
        return true;
      }),

    endAll: ({ userId, sessionId }) =>
      database.transaction(async (tx) => {
        await endSessionsOf(tx, userId, { askedBy: sessionId, revocations });
        const user = `user:${userId}`;
        recordAct(tx, { actor: user, action: 'user.signed_out_everywhere', subject: user });
      }),
  };
}
