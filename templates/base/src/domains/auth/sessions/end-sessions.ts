import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions } from '../models.ts';
import { forgetDevices } from '../sign-in/known-devices.ts';
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
  const live = await tx
    .select({ id: sessions.id, deviceHash: sessions.deviceHash })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .for('update');
  const asking = live.find(({ id }) => id === askedBy);
  const ending = keepAsking ? live.filter((session) => session !== asking) : live;
  await endAll(
    tx,
    ending.map(({ id }) => id),
    revocations,
  );
  await forgetDevices(tx, userId, asking?.deviceHash ?? null);
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

/** Ends sessions, of whomever they are. */
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
