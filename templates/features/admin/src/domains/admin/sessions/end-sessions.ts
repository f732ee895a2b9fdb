// The one place where an operator's sessions end, and what was done in customers' places with them.
import type { Transaction } from '#app/database/transaction.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { endImpersonationsOf } from '../impersonation/end-impersonations.ts';
import type { AdminSessionStore } from './session-store.ts';
import { removeEverySession, removeSessionsOf } from './store.ts';

export async function endSession(
  tx: Transaction,
  sessionId: string,
  { store, revocations }: { store: AdminSessionStore; revocations: Pick<Revocations, 'add'> },
): Promise<void> {
  await endImpersonationsOf(tx, { sessionId }, revocations);
  await store.remove(tx, sessionId);
}

/** @param revocations of this process; without it, it learns of it as any other does */
export async function endSessionsOf(
  tx: Transaction,
  adminId: string,
  revocations?: Pick<Revocations, 'add'>,
): Promise<void> {
  await endImpersonationsOf(tx, { adminId }, revocations);
  await removeSessionsOf(tx, adminId);
}

/**
 * Ends the sessions of all operators. What was done in customers' places with them ends by itself: it
 * stands on them.
 *
 * @returns how many there were, as far as that is known
 */
export function endEveryOperatorSession(tx: Transaction): Promise<number> {
  return removeEverySession(tx);
}
