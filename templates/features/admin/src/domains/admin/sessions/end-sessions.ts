// The one place where an operator's sessions end.
import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { adminSessions } from '../models.ts';

export async function endSession(tx: Transaction, sessionId: string): Promise<void> {
  await tx.delete(adminSessions).where(eq(adminSessions.id, sessionId));
}

export async function endSessionsOf(tx: Transaction, adminId: string): Promise<void> {
  await tx.delete(adminSessions).where(eq(adminSessions.adminId, adminId));
}
