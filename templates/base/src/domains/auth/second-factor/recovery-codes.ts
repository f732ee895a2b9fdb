import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { recoveryCodes } from '../models.ts';
import { base32 } from './totp.ts';

const codes = 10;
/** Sixteen characters in base32: more than anybody can try. */
const codeBytes = 10;

/**
 * Gives a user new recovery codes; those that he had are void.
 *
 * @returns the codes, which are nowhere else from here on
 */
export async function renewRecoveryCodes(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
): Promise<string[]> {
  const fresh = newRecoveryCodes();
  await removeRecoveryCodes(tx, userId);
  await tx
    .insert(recoveryCodes)
    .values(fresh.map((code) => ({ userId, codeHash: recoveryCodeHash(sealing, userId, code) })));
  return fresh;
}

/** Uses a code up. Resolves to whether it was one of the user's, and not used before. */
export async function useRecoveryCode(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
  code: string,
): Promise<boolean> {
  const [result] = await tx
    .update(recoveryCodes)
    .set({ usedAt: sql`UTC_TIMESTAMP(3)` })
    .where(
      and(
        eq(recoveryCodes.userId, userId),
        eq(recoveryCodes.codeHash, recoveryCodeHash(sealing, userId, code)),
        isNull(recoveryCodes.usedAt),
      ),
    );
  return result.affectedRows === 1;
}

export async function removeRecoveryCodes(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
}

export function newRecoveryCodes(): string[] {
  return Array.from({ length: codes }, newCode);
}

/** In groups of four, as people copy them. */
function newCode(): string {
  return (base32(randomBytes(codeBytes)).match(/.{4}/g) ?? []).join('-');
}

/** What is kept of a code: the same however it was typed, and another for each owner. */
export function recoveryCodeHash(sealing: Sealing, ownerId: string, code: string): Buffer {
  const letters = code.toUpperCase().replaceAll(/[^A-Z2-7]/g, '');
  return sealing.fingerprint(`recovery code of ${ownerId}`, letters);
}
