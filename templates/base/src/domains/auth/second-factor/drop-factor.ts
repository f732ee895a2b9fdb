import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { totpFactors } from '../models.ts';
import { removeRecoveryCodes } from './recovery-codes.ts';

/** Takes a user's authenticator app away, and the recovery codes with it. */
export async function dropFactor(tx: Transaction, userId: string): Promise<void> {
  await removeRecoveryCodes(tx, userId);
  await tx.delete(totpFactors).where(eq(totpFactors.userId, userId));
}
