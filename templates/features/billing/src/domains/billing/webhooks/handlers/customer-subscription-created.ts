import { syncSubscription } from '../../subscriptions/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const customerSubscriptionCreated = defineHandler({
  type: 'customer.subscription.created',
  async handle({ data: { object } }, context) {
    await syncSubscription(context, object.id, idOf(object.customer));
  },
});
