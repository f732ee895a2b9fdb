// The one place where an operator's sessions end, and with them what was begun in them.
import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { endImpersonationsOf } from '../impersonation/end-impersonations.ts';
import { adminSessions } from '../models.ts';

type Refusing = Pick<Revocations, 'add'>;

export async function endSession(
  tx: Transaction,
  sessionId: string,
  revocations: Refusing,
): Promise<void> {
  await endImpersonationsOf(tx, { sessionId }, revocations);
  await tx.delete(adminSessions).where(eq(adminSessions.id, sessionId));
}

export async function endSessionsOf(
  tx: Transaction,
  adminId: string,
  revocations: Refusing,
): Promise<void> {
  await endImpersonationsOf(tx, { adminId }, revocations);
  await tx.delete(adminSessions).where(eq(adminSessions.adminId, adminId));
}
