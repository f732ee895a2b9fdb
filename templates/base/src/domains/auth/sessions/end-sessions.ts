import { and, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions } from '../models.ts';
import { endedLately, type Revocations } from './revocations.ts';

/**
 * Ends all sessions of a user: their refresh tokens are refused, and so are their access tokens once
 * this is committed.
 *
 * @param options `except` is the id of a session that goes on, usually the one that asks for it
 */
export async function endSessionsOf(
  tx: Transaction,
  userId: string,
  options: { readonly revocations: Revocations; readonly except?: string },
): Promise<void> {
  const { revocations, except } = options;
  // By the user and not one by one: somebody may have signed in thousands of times.
  await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        except === undefined ? undefined : ne(sessions.id, except),
      ),
    );
  revocations.add(tx, await endedLately(tx, userId));
}

/**
 * Ends one session of a user.
 *
 * @returns false where the user has no such session, or it has ended
 */
export async function endSessionOf(
  tx: Transaction,
  userId: string,
  sessionId: string,
  revocations: Revocations,
): Promise<boolean> {
  const [live] = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .for('update');
  if (live === undefined) return false;
  await endAll(tx, [live.id], revocations);
  return true;
}

/** Ends a few sessions, of whomever they are. */
export async function endAll(
  tx: Transaction,
  sessionIds: readonly string[],
  revocations: Revocations,
): Promise<void> {
  if (sessionIds.length === 0) return;
  await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(inArray(sessions.id, [...sessionIds]), isNull(sessions.revokedAt)));
  revocations.add(tx, sessionIds);
}
