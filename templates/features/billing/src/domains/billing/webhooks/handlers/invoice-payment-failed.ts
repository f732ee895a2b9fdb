import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';
import { syncWithSubscription } from './invoice.ts';

/** What is told to the customer about it is for the policy of grace to say. */
export const invoicePaymentFailed = defineHandler({
  type: 'invoice.payment_failed',
  async handle({ data: { object } }, context) {
    await syncWithSubscription(context, object.id, idOf(object.customer));
  },
});
