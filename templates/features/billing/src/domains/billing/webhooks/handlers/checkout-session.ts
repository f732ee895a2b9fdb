import type { Stripe } from 'stripe';
import { syncCheckout } from '../../checkout-sync.ts';
import { idOf } from '../../stripe.ts';
import type { HandlerContext } from '../handler.ts';

/** What is done about every event of a checkout. Others than for subscriptions are not ours. */
export async function handleCheckout(
  context: HandlerContext,
  { id, mode, customer }: Stripe.Checkout.Session,
): Promise<void> {
  if (mode !== 'subscription' || customer === null) return;
  await syncCheckout(context, { id, customer: idOf(customer) });
}
