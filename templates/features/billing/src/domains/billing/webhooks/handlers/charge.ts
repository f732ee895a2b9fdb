// What names a charge and is not one. An event of another version may name it elsewhere, and then
// Stripe is asked.
import type { Stripe } from 'stripe';
import { syncPayment } from '../../payments/sync.ts';
import { idOf } from '../../references.ts';
import { whileLocked } from '../../stripe.ts';
import type { HandlerContext } from '../handler.ts';

/** Writes the payment that a dispute is about. */
export async function syncDisputed(
  context: HandlerContext,
  { id, charge }: Pick<Stripe.Dispute, 'id' | 'charge'>,
): Promise<void> {
  const read = () => context.stripe.disputes.retrieve(id, {}, whileLocked());
  const chargeId = idOf(charge) ?? idOf((await read()).charge);
  if (chargeId !== undefined) await syncPayment(context, chargeId);
}

/** Writes the payment of which a refund sends money back; one of a balance has no charge. */
export async function syncRefunded(
  context: HandlerContext,
  { id, charge, customer }: Pick<Stripe.Refund, 'id' | 'charge' | 'customer'>,
): Promise<void> {
  const read = () => context.stripe.refunds.retrieve(id, {}, whileLocked());
  const chargeId = idOf(charge) ?? idOf((await read()).charge);
  if (chargeId !== undefined) await syncPayment(context, chargeId, idOf(customer));
}
