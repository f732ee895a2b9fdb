import { and, eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { lockCustomer } from './customers.ts';
import { billingCheckouts } from './models.ts';
import { idOf } from './references.ts';
import { whileLocked } from './stripe.ts';
import { syncSubscription } from './subscriptions/sync.ts';
import type { HandlerContext } from './webhooks/handler.ts';

type Context = Pick<HandlerContext, 'tx' | 'stripe' | 'log'>;

/**
 * Writes what has become of a checkout, and of the subscription that it made. What is granted is
 * decided by that subscription alone: a checkout is complete although a bank has yet to pay.
 */
export async function syncCheckout(
  context: Context,
  { id, customer }: { readonly id: string; readonly customer: string },
): Promise<void> {
  const { tx, stripe } = context;
  const accountId = await lockCustomer(context, customer);
  if (accountId === undefined) return;

  const session = await stripe.checkout.sessions.retrieve(id, {}, whileLocked());
  await tx
    .update(billingCheckouts)
    .set({ state: stateOf(session) })
    .where(
      and(eq(billingCheckouts.accountId, accountId), eq(billingCheckouts.stripeSessionId, id)),
    );
  const subscription = idOf(session.subscription);
  if (subscription !== undefined) await syncSubscription(context, subscription, customer);
}

function stateOf({ status }: Stripe.Checkout.Session) {
  if (status === 'complete') return 'completed';
  return status === 'open' ? 'open' : 'expired';
}
