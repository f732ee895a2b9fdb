import { and, eq, inArray, notInArray, sum } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { billingRefunds } from '../models.ts';

/** Refunds that send nothing, so that the money can be sent again. */
export const undone = ['failed', 'canceled'] as const;

/**
 * How much of an account's payments was sent back, or is to be, by the payment's id; one of which
 * nothing was is left out. In the smallest unit of its currency.
 */
export async function refundedOf(
  queries: Queries | Transaction,
  accountId: string,
  paymentIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (paymentIds.length === 0) return new Map();
  const rows = await queries
    .select({
      paymentId: billingRefunds.paymentId,
      amount: sum(billingRefunds.amount).mapWith(Number),
    })
    .from(billingRefunds)
    .where(
      and(
        eq(billingRefunds.accountId, accountId),
        inArray(billingRefunds.paymentId, [...paymentIds]),
        notInArray(billingRefunds.status, [...undone]),
      ),
    )
    .groupBy(billingRefunds.paymentId);
  return new Map(rows.map(({ paymentId, amount }) => [paymentId, amount ?? 0]));
}
