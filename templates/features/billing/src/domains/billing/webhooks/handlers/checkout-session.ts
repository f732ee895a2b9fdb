import type { Stripe } from 'stripe';
import { syncCheckout } from '../../checkout-sync.ts';
import { idOf } from '../../references.ts';
import { whileLocked } from '../../stripe.ts';
import type { HandlerContext } from '../handler.ts';

/**
 * What is done about every event of a checkout. One that is not for a subscription is none of ours,
 * and has no effect.
 */
export async function handleCheckout(
  context: HandlerContext,
  { id, customer }: Stripe.Checkout.Session,
): Promise<void> {
  const customerId = idOf(customer) ?? (await customerOf(context, id));
  if (customerId === undefined) return;
  await syncCheckout(context, { id, customer: customerId });
}

async function customerOf({ stripe }: HandlerContext, id: string): Promise<string | undefined> {
  const { customer } = await stripe.checkout.sessions.retrieve(id, {}, whileLocked());
  return idOf(customer);
}
