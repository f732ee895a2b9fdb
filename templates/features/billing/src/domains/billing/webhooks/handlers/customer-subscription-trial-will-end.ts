import { tellOfTrialEnd } from '../../subscriptions/notices.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const customerSubscriptionTrialWillEnd = defineHandler({
  type: 'customer.subscription.trial_will_end',
  async handle({ data: { object } }, context) {
    const row = await syncSubscription(context, object.id, idOf(object.customer));
    if (row !== undefined) await tellOfTrialEnd(context, row);
  },
});
