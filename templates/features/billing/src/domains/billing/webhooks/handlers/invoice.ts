import { syncInvoice, type SyncedInvoice } from '../../invoices/sync.ts';
import { idOf } from '../../references.ts';
import type { SubscriptionRow } from '../../subscriptions/current.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import type { HandlerContext } from '../handler.ts';

export interface SyncedWithSubscription extends SyncedInvoice {
  /** The subscription that it is for, where it is for one. */
  readonly subscription: SubscriptionRow | undefined;
}

/**
 * Writes an invoice and the subscription that it is for. Stripe tells of the two by different
 * events, and whether payment is owed must not depend on both of them arriving.
 *
 * @param stripeCustomerId whose it is, where that is known
 * @returns nothing where the customer is none of ours
 */
export async function syncWithSubscription(
  context: HandlerContext,
  stripeInvoiceId: string,
  stripeCustomerId?: string,
): Promise<SyncedWithSubscription | undefined> {
  const synced = await syncInvoice(context, stripeInvoiceId, stripeCustomerId);
  if (synced === undefined) return undefined;
  // As it was read just now: an event of another version has this elsewhere.
  const { customer, parent } = synced.invoice;
  const id = idOf(parent?.subscription_details?.subscription);
  const subscription =
    id === undefined ? undefined : await syncSubscription(context, id, idOf(customer));
  return { ...synced, subscription };
}
