// A device on which a user has signed in, or set a new password by mail, keeps a token that says so.
// It proves nothing, and opens nothing: its attempts to sign in are counted apart, so that a stranger
// who uses up everybody else's does not lock the user out.
import { createHash, randomBytes } from 'node:crypto';
import { and, desc, eq, lte, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { knownDevices } from '../models.ts';

/** Days after its last sign-in for which a device is known. */
export const deviceDays = 180;
/** Devices of one user; of more, those that signed in longest ago are forgotten. */
const devicesPerUser = 10;

const seen = {
  lastUsedAt: sql<Date>`UTC_TIMESTAMP(3)`,
  expiresAt: sql<Date>`UTC_TIMESTAMP(3) + INTERVAL ${deviceDays} DAY`,
};

export function deviceHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Remembers the device of a sign-in.
 *
 * @param known its token, where it had one that is good for this user
 * @returns the token that it is to keep
 */
export async function rememberDevice(
  tx: Transaction,
  userId: string,
  known: string | undefined,
): Promise<string> {
  if (known !== undefined) {
    const [result] = await tx
      .update(knownDevices)
      .set(seen)
      .where(and(eq(knownDevices.tokenHash, deviceHash(known)), eq(knownDevices.userId, userId)));
    // It may have been forgotten since it was found.
    if (result.affectedRows === 1) return known;
  }
  const token = randomBytes(32).toString('base64url');
  await tx.insert(knownDevices).values({ tokenHash: deviceHash(token), userId, ...seen });
  await forgetMost(tx, userId);
  return token;
}

/**
 * Forgets the devices of a user: what they were given may be in other hands.
 *
 * @param except hash of the token of one that stays known
 */
export async function forgetDevices(
  tx: Transaction,
  userId: string,
  except: Buffer | null,
): Promise<void> {
  const others = except === null ? undefined : ne(knownDevices.tokenHash, except);
  await tx.delete(knownDevices).where(and(eq(knownDevices.userId, userId), others));
}

async function forgetMost(tx: Transaction, userId: string): Promise<void> {
  const [oldest] = await tx
    .select({ lastUsedAt: knownDevices.lastUsedAt })
    .from(knownDevices)
    .where(eq(knownDevices.userId, userId))
    .orderBy(desc(knownDevices.lastUsedAt))
    .limit(1)
    .offset(devicesPerUser);
  if (oldest === undefined) return;
  await tx
    .delete(knownDevices)
    .where(and(eq(knownDevices.userId, userId), lte(knownDevices.lastUsedAt, oldest.lastUsedAt)));
}
