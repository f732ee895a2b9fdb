import type { Stripe } from 'stripe';
import type { HandlerContext } from './webhooks/handler.ts';

/** An invoice that was paid, for the first time that this is heard. */
export interface PaidInvoice {
  readonly accountId: string;
  readonly invoice: Stripe.Invoice;
}

/**
 * What happens once for each invoice that is paid, however often Stripe tells of it: credits that
 * are added, a licence that is issued. What a plan allows needs nothing here.
 *
 * It commits together with the invoice, so write with `context.tx`, and have what lies outside the
 * database done by `context.outbox`. If it throws, the event is tried again. An invoice over
 * nothing, as of a trial, is paid too.
 */
export async function onPaid(_context: HandlerContext, _paid: PaidInvoice): Promise<void> {}
