// Whatever happens to money that was received is written by one function, from what Stripe says of
// the charge now. So it does not matter which event tells of it, how often, or in which order.
import { eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { lockCustomer } from '../customers.ts';
import { writeInvoice } from '../invoices/write.ts';
import { billingCustomers, billingPayments } from '../models.ts';
import { idOf } from '../references.ts';
import { writeRefunds } from '../refunds/write.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { writeDispute } from './disputes.ts';
import { writePayment } from './write.ts';

/** A payment of ours, and the charge that it is at Stripe. */
export interface SyncedPayment {
  readonly accountId: string;
  readonly paymentId: string;
  readonly charge: Stripe.Charge;
}

/**
 * Writes what Stripe says of a charge now, of its refunds and of a dispute about it. A charge of
 * which no money came, or of a customer that is none of ours, has no effect.
 *
 * @param stripeCustomerId whose it is, where that is known
 */
export async function syncPayment(
  context: HandlerContext,
  stripeChargeId: string,
  stripeCustomerId?: string,
): Promise<void> {
  const customerId = stripeCustomerId ?? (await customerOf(context, stripeChargeId));
  if (customerId === undefined) return;
  const accountId = await lockCustomer(context, customerId);
  if (accountId === undefined) return;

  const charge = await context.stripe.charges.retrieve(stripeChargeId, {}, whileLocked());
  if (charge.status !== 'succeeded' || charge.amount_captured === 0) return;
  await writeInvoiceOf(context, accountId, charge);
  const paymentId = await writePayment(context.tx, accountId, charge);
  const payment = { accountId, paymentId, charge };
  await writeRefunds(context, payment);
  await writeDispute(context, payment);
}

/** An event about a dispute names the charge alone. */
async function customerOf(
  { tx, stripe }: HandlerContext,
  stripeChargeId: string,
): Promise<string | undefined> {
  const [known] = await tx
    .select({ id: billingCustomers.stripeCustomerId })
    .from(billingPayments)
    .innerJoin(billingCustomers, eq(billingCustomers.accountId, billingPayments.accountId))
    .where(eq(billingPayments.stripeChargeId, stripeChargeId));
  if (typeof known?.id === 'string') return known.id;
  const { customer } = await stripe.charges.retrieve(stripeChargeId, {}, whileLocked());
  return idOf(customer);
}

/** A refund may be heard of before the payment is, and the payment is to know what it was for. */
async function writeInvoiceOf(
  context: HandlerContext,
  accountId: string,
  charge: Stripe.Charge,
): Promise<void> {
  const intent = idOf(charge.payment_intent);
  if (intent === undefined || (await isWritten(context, charge.id))) return;
  const { data } = await context.stripe.invoicePayments.list(
    { payment: { type: 'payment_intent', payment_intent: intent }, limit: 1 },
    whileLocked(),
  );
  const invoiceId = idOf(data[0]?.invoice);
  if (invoiceId !== undefined) await writeInvoice(context, accountId, invoiceId);
}

async function isWritten({ tx }: HandlerContext, stripeChargeId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: billingPayments.id })
    .from(billingPayments)
    .where(eq(billingPayments.stripeChargeId, stripeChargeId));
  return row !== undefined;
}
