import { and, eq, isNotNull, lt, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { totpFactors } from '../models.ts';
import { useRecoveryCode } from './recovery-codes.ts';
import { stepOfCode } from './totp.ts';

/** What a user shows besides the password. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

/** The proof that an input holds. */
export function proofOf(input: {
  readonly code?: string | undefined;
  readonly recoveryCode?: string | undefined;
}): Proof | undefined {
  const { code, recoveryCode } = input;
  if (code !== undefined) return { code };
  return recoveryCode === undefined ? undefined : { recoveryCode };
}

/** The purpose for which a user's secret is sealed: in another's row it does not open. */
export const totpPurpose = (userId: string): string => `totp secret of ${userId}`;

/**
 * Checks a proof, and uses it up. A user without a second factor needs none.
 *
 * @returns `missing` where one is needed and none is given
 */
export async function proveFactor(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
  proof: Proof | undefined,
): Promise<'proved' | 'missing' | 'wrong'> {
  const [factor] = await tx
    .select({ sealedSecret: totpFactors.sealedSecret, time: sql<number>`UNIX_TIMESTAMP()` })
    .from(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)));
  if (factor === undefined) return 'proved';
  if (proof === undefined) return 'missing';
  const right =
    'code' in proof
      ? await useCode(tx, sealing, { userId, ...factor }, proof.code)
      : await useRecoveryCode(tx, sealing, userId, proof.recoveryCode);
  return right ? 'proved' : 'wrong';
}

/**
 * Uses a code up: neither it nor an older one is taken again. Of two who send the same code at once,
 * the second finds that its step is no longer before it.
 */
export async function useCode(
  tx: Transaction,
  sealing: Sealing,
  factor: { readonly userId: string; readonly sealedSecret: Buffer; readonly time: number },
  code: string,
): Promise<boolean> {
  const { userId, sealedSecret, time } = factor;
  const secret = Buffer.from(sealing.unseal(totpPurpose(userId), sealedSecret), 'base64url');
  const step = stepOfCode(secret, code, time);
  if (step === undefined) return false;
  const [result] = await tx
    .update(totpFactors)
    .set({ lastStep: step })
    .where(and(eq(totpFactors.userId, userId), lt(totpFactors.lastStep, step)));
  return result.affectedRows === 1;
}
