import { syncInvoice } from '../../invoices/sync.ts';
import { idOf } from '../../references.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import { defineHandler } from '../handler.ts';

/** What is told to the customer about it is for the policy of grace to say. */
export const invoicePaymentFailed = defineHandler({
  type: 'invoice.payment_failed',
  async handle({ data: { object } }, context) {
    const customer = idOf(object.customer);
    const synced = await syncInvoice(context, object.id, customer);
    const subscription = idOf(synced?.invoice.parent?.subscription_details?.subscription);
    if (subscription !== undefined) await syncSubscription(context, subscription, customer);
  },
});
