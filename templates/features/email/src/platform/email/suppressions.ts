// The addresses that get no mail: each bounced for good, its owner has complained, or an operator has
// put it here. A row stays when the address is allowed again, so that what is told late does not
// suppress it once more.
import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Queries } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { emailSuppressions } from './models.ts';

/** From what weighs least to what weighs most: the heaviest that is known of an address is kept. */
export const suppressionReasons = emailSuppressions.reason.enumValues;
export type SuppressionReason = (typeof suppressionReasons)[number];

export interface Suppression {
  readonly address: string;
  readonly reason: SuppressionReason;
  readonly suppressedAt: Date;
}

const shown = {
  address: emailSuppressions.address,
  reason: emailSuppressions.reason,
  suppressedAt: emailSuppressions.suppressedAt,
};

/**
 * Has an address get no more mail.
 *
 * @param input.address in lower case
 * @param input.happenedAt when what speaks against it happened, where that is told afterwards: what
 *   happened before the address was allowed again counts no more
 * @returns whether that has changed anything
 */
export async function suppress(
  tx: Transaction,
  input: { address: string; reason: SuppressionReason; happenedAt?: Date },
): Promise<boolean> {
  const { address, reason, happenedAt } = input;
  if (await insertOnce(tx, address, reason)) return true;

  const [row] = await tx
    .select({ reason: emailSuppressions.reason, allowedAt: emailSuppressions.allowedAt })
    .from(emailSuppressions)
    .where(eq(emailSuppressions.address, address))
    .for('update');
  if (row === undefined) return false;
  const { allowedAt } = row;
  if (allowedAt === null) return weighMore(tx, address, { from: row.reason, to: reason });
  if (happenedAt !== undefined && happenedAt <= allowedAt) return false;
  const [{ affectedRows }] = await tx
    .update(emailSuppressions)
    .set({ reason, suppressedAt: now, allowedAt: null })
    .where(and(eq(emailSuppressions.address, address), eq(emailSuppressions.allowedAt, allowedAt)));
  return affectedRows === 1;
}

/**
 * Has an address get mail again.
 *
 * @param address in lower case
 * @returns false where it was not suppressed
 */
export async function allow(tx: Transaction, address: string): Promise<boolean> {
  const [{ affectedRows }] = await tx
    .update(emailSuppressions)
    .set({ allowedAt: now })
    .where(isSuppressedNow(address));
  return affectedRows === 1;
}

/** Why and since when an address gets no mail; nothing where it does. */
export async function findSuppression(
  queries: Queries,
  address: string,
): Promise<Suppression | undefined> {
  const [row] = await queries
    .select(shown)
    .from(emailSuppressions)
    .where(isSuppressedNow(address.toLowerCase()));
  return row;
}

/**
 * The addresses that get no mail, in their order.
 *
 * @param ask.beginning how they begin
 * @param ask.after the last one of those before
 */
export function listSuppressions(
  queries: Queries,
  ask: { beginning?: string | undefined; after?: string | undefined; limit: number },
): Promise<Suppression[]> {
  const { beginning = '', after = '', limit } = ask;
  // What stands for any text in LIKE stands for itself here.
  const pattern = `${beginning.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
  return queries
    .select(shown)
    .from(emailSuppressions)
    .where(
      and(
        isNull(emailSuppressions.allowedAt),
        gt(emailSuppressions.address, after),
        sql`${emailSuppressions.address} LIKE ${pattern} ESCAPE '!'`,
      ),
    )
    .orderBy(asc(emailSuppressions.address))
    .limit(limit);
}

function isSuppressedNow(address: string) {
  return and(eq(emailSuppressions.address, address), isNull(emailSuppressions.allowedAt));
}

async function insertOnce(
  tx: Transaction,
  address: string,
  reason: SuppressionReason,
): Promise<boolean> {
  try {
    await tx.insert(emailSuppressions).values({ address, reason, suppressedAt: now });
    return true;
  } catch (error) {
    if (isDuplicate(error, 'PRIMARY')) return false;
    throw error;
  }
}

async function weighMore(
  tx: Transaction,
  address: string,
  { from, to }: { from: SuppressionReason; to: SuppressionReason },
): Promise<boolean> {
  if (suppressionReasons.indexOf(to) <= suppressionReasons.indexOf(from)) return false;
  const [{ affectedRows }] = await tx
    .update(emailSuppressions)
    .set({ reason: to })
    .where(and(isSuppressedNow(address), eq(emailSuppressions.reason, from)));
  return affectedRows === 1;
}
