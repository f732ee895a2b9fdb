import type { Stripe } from 'stripe';
import { lockCustomer } from '../customers.ts';
import { idOf } from '../references.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { writeInvoice } from './write.ts';

/** What Stripe said of an invoice of one of our customers. */
export interface SyncedInvoice {
  readonly accountId: string;
  readonly invoice: Stripe.Invoice;
}

/**
 * Writes what Stripe says of an invoice now, and of the payments for it.
 *
 * @param stripeCustomerId whose it is, where that is known: it never changes, so an event can be
 *   believed about it, and Stripe need not be asked twice
 * @returns nothing where the customer is none of ours
 */
export async function syncInvoice(
  context: HandlerContext,
  stripeInvoiceId: string,
  stripeCustomerId?: string,
): Promise<SyncedInvoice | undefined> {
  const customerId = stripeCustomerId ?? (await customerOf(context, stripeInvoiceId));
  if (customerId === undefined) return undefined;
  const accountId = await lockCustomer(context, customerId);
  if (accountId === undefined) return undefined;
  const { invoice } = await writeInvoice(context, accountId, stripeInvoiceId);
  return { accountId, invoice };
}

async function customerOf({ stripe }: HandlerContext, stripeInvoiceId: string) {
  const { customer } = await stripe.invoices.retrieve(stripeInvoiceId, {}, whileLocked());
  return idOf(customer);
}
