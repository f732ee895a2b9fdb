import { tellOfEnd } from '../../subscriptions/notices.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const customerSubscriptionDeleted = defineHandler({
  type: 'customer.subscription.deleted',
  async handle({ data: { object } }, context) {
    const row = await syncSubscription(context, object.id, idOf(object.customer));
    if (row !== undefined) await tellOfEnd(context, row);
  },
});
