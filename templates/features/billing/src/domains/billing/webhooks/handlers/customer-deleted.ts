import { expireCheckouts } from '../../checkout-rows.ts';
import { lockCustomer } from '../../customers.ts';
import { openSubscriptionsOf } from '../../subscriptions/current.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import { defineHandler } from '../handler.ts';

export const customerDeleted = defineHandler({
  type: 'customer.deleted',
  async handle({ data }, context) {
    const { tx } = context;
    const accountId = await lockCustomer(context, data.object.id);
    if (accountId === undefined) return;
    // The row goes on naming it: refunds and disputes of what it has paid may still come.
    await expireCheckouts(tx, accountId);
    for (const { stripeSubscriptionId } of await openSubscriptionsOf(tx, accountId)) {
      await syncSubscription(context, stripeSubscriptionId, data.object.id);
    }
  },
});
