// The one place where an operator's sessions end, and what was done in customers' places with them.
import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { endImpersonationsOf } from '../impersonation/end-impersonations.ts';
import { adminSessions } from '../models.ts';

/** @param revocations of this process; without it, it learns of it as any other does */
export async function endSession(
  tx: Transaction,
  sessionId: string,
  revocations?: Pick<Revocations, 'add'>,
): Promise<void> {
  await endImpersonationsOf(tx, { sessionId }, revocations);
  await tx.delete(adminSessions).where(eq(adminSessions.id, sessionId));
}

export async function endSessionsOf(
  tx: Transaction,
  adminId: string,
  revocations?: Pick<Revocations, 'add'>,
): Promise<void> {
  await endImpersonationsOf(tx, { adminId }, revocations);
  await tx.delete(adminSessions).where(eq(adminSessions.adminId, adminId));
}

/**
 * Ends the sessions of all operators. What was done in customers' places with them ends by itself: it
 * stands on them.
 *
 * @returns how many there were
 */
export async function endEveryOperatorSession(tx: Transaction): Promise<number> {
  const [{ affectedRows }] = await tx.delete(adminSessions);
  return affectedRows;
}
