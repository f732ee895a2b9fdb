import { and, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions } from '../models.ts';
import { forgetDevices } from '../sign-in/known-devices.ts';
import { endedLately } from './ended-sessions.ts';
import type { Revocations } from './revocations.ts';

/**
 * Ends all sessions of a user: their refresh tokens are refused, and so are their access tokens once
 * this is committed. The devices are no longer known.
 *
 * @param options `askedBy` is the id of the session that asks for it, whose device stays known;
 *   `keepAsking` has that session go on
 */
export async function endSessionsOf(
  tx: Transaction,
  userId: string,
  options: {
    readonly revocations: Revocations;
    readonly askedBy?: string;
    readonly keepAsking?: boolean;
  },
): Promise<void> {
  const { revocations, askedBy, keepAsking = false } = options;
  const deviceHash = askedBy === undefined ? null : await deviceOf(tx, userId, askedBy);
  const except = keepAsking ? askedBy : undefined;
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
  await forgetDevices(tx, userId, deviceHash);
}

/** The device of a session that has not ended. */
async function deviceOf(
  tx: Transaction,
  userId: string,
  sessionId: string,
): Promise<Buffer | null> {
  const [session] = await tx
    .select({ deviceHash: sessions.deviceHash })
    .from(sessions)
    .where(
      and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)),
    );
  return session?.deviceHash ?? null;
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
  revocations: Pick<Revocations, 'add'>,
): Promise<void> {
  if (sessionIds.length === 0) return;
  await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(inArray(sessions.id, [...sessionIds]), isNull(sessions.revokedAt)));
  revocations.add(tx, sessionIds);
}
