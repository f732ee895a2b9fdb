import type { Transaction } from '#app/database/transaction.ts';
import { isDuplicate } from '#app/database/errors.ts';
import { billingEffects } from './models.ts';

/**
 * Notes that a one-shot effect is being made, in the transaction that makes it.
 *
 * Stripe may send two events for one thing, and an event may be replayed: what must happen once for
 * a thing is named after that thing, never after the event.
 *
 * @param source what it is for, such as `invoice.paid:in_…`
 * @returns false where it was made before: do nothing
 */
export async function firstTime(
  tx: Transaction,
  accountId: string,
  source: string,
): Promise<boolean> {
  try {
    await tx.insert(billingEffects).values({ accountId, source });
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
