import type { Stripe } from 'stripe';
import { syncCheckout } from '../../checkout-sync.ts';
import { idOf } from '../../references.ts';
import type { HandlerContext } from '../handler.ts';

/** What is done about every event of a checkout. Others than for subscriptions are not ours. */
export async function handleCheckout(
  context: HandlerContext,
  { id, mode, customer }: Stripe.Checkout.Session,
): Promise<void> {
  const customerId = idOf(customer);
  if (mode !== 'subscription' || customerId === undefined) return;
  await syncCheckout(context, { id, customer: customerId });
}
