// The second factor of an operator: the secret of an authenticator app, of which each code counts
// once (ASVS 5.0, 6.5.1), and recovery codes for when the app is lost.
import { randomBytes } from 'node:crypto';
import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Transaction } from '#app/database/transaction.ts';
import {
  newRecoveryCodes,
  recoveryCodeHash,
} from '#app/domains/auth/second-factor/recovery-codes.ts';
import {
  base32,
  otpauthUrl,
  stepOfCode,
  totpSecretBytes,
} from '#app/domains/auth/second-factor/totp.ts';
import { SealingError, type Sealing } from '#app/platform/sealing.ts';
import { service } from '#app/service.ts';
import { adminRecoveryCodes, adminUsers } from '../models.ts';

/** For which a secret is sealed: it opens for one operator, and an offer is no factor yet. */
const factorPurpose = (adminId: string): string => `admin totp secret of ${adminId}`;
const offerPurpose = (adminId: string): string => `admin totp secret offered to ${adminId}`;

/** Seconds since 1970, by the database's clock. */
export const unixTime = sql<number>`UNIX_TIMESTAMP()`;

/** A secret that is no factor until a code of it is sent back together with it. */
export interface Offer {
  /** For a person to type. */
  readonly secret: string;
  /** For an app to scan. */
  readonly url: string;
  /** What a form brings back: nobody but this service can read or make it. */
  readonly sealed: string;
}

/** Offers an operator a secret: a new one each time, or the one that a form has brought back. */
export function offerSecret(
  sealing: Sealing,
  { id, email }: { readonly id: string; readonly email: string },
  given?: string,
): Offer {
  const secret =
    (given === undefined ? undefined : openOffer(sealing, id, given)) ??
    randomBytes(totpSecretBytes);
  return {
    secret: base32(secret),
    url: otpauthUrl(secret, `${service.name} admin`, email),
    sealed: seal(sealing, offerPurpose(id), secret).toString('base64url'),
  };
}

/** What is stored of an offer once its first code is right. */
export interface NewFactor {
  readonly sealedSecret: Buffer;
  readonly lastStep: number;
}

/**
 * Checks the first code of an offer.
 *
 * @param time seconds since 1970
 * @returns nothing where the code is wrong, or the offer was made to somebody else
 */
export function confirmOffer(
  sealing: Sealing,
  adminId: string,
  { offer, code }: { readonly offer: string; readonly code: string },
  time: number,
): NewFactor | undefined {
  const secret = openOffer(sealing, adminId, offer);
  const lastStep = secret && stepOfCode(secret, digitsOf(code), time);
  if (secret === undefined || lastStep === undefined) return undefined;
  return { sealedSecret: seal(sealing, factorPurpose(adminId), secret), lastStep };
}

/** What is known of an operator's factor, whether there is such an operator or not. */
export interface KnownFactor {
  readonly id: string;
  readonly sealedSecret: Buffer | null;
  readonly lastStep: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** What a code was found to be, before it is used up. */
export type Found =
  | { readonly kind: 'app'; readonly step: number }
  | { readonly kind: 'recovery code'; readonly hash: Buffer };

/**
 * Looks whether a code is an operator's and was not used. The same statements run for any code, and
 * for an operator who has no factor.
 */
export async function findCode(
  tx: Transaction,
  sealing: Sealing,
  factor: KnownFactor,
  code: string,
): Promise<Found | undefined> {
  const hash = recoveryCodeHash(sealing, factor.id, code);
  const [unused] = await tx
    .select({ hash: adminRecoveryCodes.codeHash })
    .from(adminRecoveryCodes)
    .where(
      and(
        eq(adminRecoveryCodes.adminId, factor.id),
        eq(adminRecoveryCodes.codeHash, hash),
        isNull(adminRecoveryCodes.usedAt),
      ),
    );
  if (factor.sealedSecret === null) return undefined;
  if (unused !== undefined) return { kind: 'recovery code', hash };
  const opened = sealing.unseal(factorPurpose(factor.id), factor.sealedSecret);
  const step = stepOfCode(Buffer.from(opened, 'base64url'), digitsOf(code), factor.time);
  return step === undefined || step <= factor.lastStep ? undefined : { kind: 'app', step };
}

/** Uses a code up. Of two who send it at once, one finds it used. */
export async function useCode(tx: Transaction, adminId: string, found: Found): Promise<boolean> {
  const [{ affectedRows }] =
    found.kind === 'app'
      ? await tx
          .update(adminUsers)
          .set({ lastStep: found.step })
          .where(and(eq(adminUsers.id, adminId), lt(adminUsers.lastStep, found.step)))
      : await tx
          .update(adminRecoveryCodes)
          .set({ usedAt: now })
          .where(
            and(
              eq(adminRecoveryCodes.adminId, adminId),
              eq(adminRecoveryCodes.codeHash, found.hash),
              isNull(adminRecoveryCodes.usedAt),
            ),
          );
  return affectedRows === 1;
}

/**
 * Gives an operator new recovery codes; those that were left are void.
 *
 * @returns the codes, which are nowhere else from here on
 */
export async function renewRecoveryCodes(
  tx: Transaction,
  sealing: Sealing,
  adminId: string,
): Promise<string[]> {
  const codes = newRecoveryCodes();
  await removeRecoveryCodes(tx, adminId);
  await tx
    .insert(adminRecoveryCodes)
    .values(codes.map((code) => ({ adminId, codeHash: recoveryCodeHash(sealing, adminId, code) })));
  return codes;
}

export async function removeRecoveryCodes(tx: Transaction, adminId: string): Promise<void> {
  await tx.delete(adminRecoveryCodes).where(eq(adminRecoveryCodes.adminId, adminId));
}

function openOffer(sealing: Sealing, adminId: string, sealed: string): Buffer | undefined {
  try {
    const opened = sealing.unseal(offerPurpose(adminId), Buffer.from(sealed, 'base64url'));
    return Buffer.from(opened, 'base64url');
  } catch (error) {
    if (error instanceof SealingError) return undefined;
    throw error;
  }
}

function seal(sealing: Sealing, purpose: string, secret: Buffer): Buffer {
  return sealing.seal(purpose, secret.toString('base64url'));
}

/** Apps show their codes in two groups. */
function digitsOf(code: string): string {
  return code.replaceAll(/\s/g, '');
}
