import { syncSubscription } from '../../subscriptions/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const customerSubscriptionResumed = defineHandler({
  type: 'customer.subscription.resumed',
  async handle({ data: { object } }, context) {
    await syncSubscription(context, object.id, idOf(object.customer));
  },
});
