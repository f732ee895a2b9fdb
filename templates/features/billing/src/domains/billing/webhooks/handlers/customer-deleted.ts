import { expireCheckouts } from '../../checkout-rows.ts';
import { customerOf, lockCustomer } from '../../customers.ts';
import { openSubscriptionsOf } from '../../subscriptions/current.ts';
import { syncSubscription } from '../../subscriptions/sync.ts';
import { defineHandler } from '../handler.ts';

export const customerDeleted = defineHandler({
  type: 'customer.deleted',
  async handle({ data }, context) {
    const { tx } = context;
    const accountId = await lockCustomer(context, data.object.id);
    if (accountId === undefined) return;
    // Another may have taken its place, on whose pages one can pay.
    if ((await customerOf(tx, accountId)) === data.object.id) await expireCheckouts(tx, accountId);
    for (const { stripeSubscriptionId } of await openSubscriptionsOf(tx, accountId)) {
      await syncSubscription(context, stripeSubscriptionId, data.object.id);
    }
  },
});
