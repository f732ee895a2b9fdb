import { and, eq, gt, isNotNull } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { DeletionCheck } from '#app/domains/organizations/deletion/deletion.ts';
import { defineError } from '#app/errors.ts';
import { lockAccount } from '../account-lock.ts';
import { billingCheckouts } from '../models.ts';
import { openSubscriptionsOf } from '../subscriptions/current.ts';

export const subscriptionRunning = defineError(
  'subscription_running',
  409,
  'A subscription is running',
);
export const checkoutOpen = defineError('checkout_open', 409, 'A checkout is open');

/**
 * Keeps an organization while it pays, or somebody could begin to: nobody would know of it here any
 * more. One that was cancelled may go before its period ends, since nothing is charged after that.
 */
export const billingCheck: DeletionCheck = {
  errors: [subscriptionRunning, checkoutOpen],

  async check(tx, accountId) {
    // Events of Stripe are processed under the same lock.
    await lockAccount(tx, accountId);
    const running = (await openSubscriptionsOf(tx, accountId)).filter(
      ({ cancelAt }) => cancelAt === null,
    );
    if (running.length > 0) throw subscriptionRunning({ detail: 'Cancel the subscription first.' });
    const until = await openCheckout(tx, accountId);
    if (until === undefined) return;
    throw checkoutOpen({
      detail: `A page on which it can be subscribed is open until ${until.toISOString()}.`,
    });
  },
};

/** Until when somebody may pay on a page at Stripe. */
async function openCheckout(tx: Transaction, accountId: string): Promise<Date | undefined> {
  const [open] = await tx
    .select({ expiresAt: billingCheckouts.expiresAt })
    .from(billingCheckouts)
    .where(
      and(
        eq(billingCheckouts.accountId, accountId),
        eq(billingCheckouts.state, 'open'),
        isNotNull(billingCheckouts.stripeSessionId),
        gt(billingCheckouts.expiresAt, now),
      ),
    );
  return open?.expiresAt ?? undefined;
}
