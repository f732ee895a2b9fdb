import type { Stripe } from 'stripe';
import { syncInvoice, type SyncedInvoice } from '../../invoices/sync.ts';
import { idOf } from '../../references.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import type { HandlerContext } from '../handler.ts';

/**
 * Writes an invoice and the subscription that it is for. Stripe tells of the two by different
 * events, and whether payment is owed must not depend on both of them arriving.
 */
export async function syncWithSubscription(
  context: HandlerContext,
  object: Stripe.Invoice,
): Promise<SyncedInvoice | undefined> {
  const customer = idOf(object.customer);
  const subscription = idOf(object.parent?.subscription_details?.subscription);
  if (subscription !== undefined) await syncSubscription(context, subscription, customer);
  return syncInvoice(context, object.id, customer);
}
