import type { Stripe } from 'stripe';
import { intervals, isPlanKey } from '../define-plans.ts';
import { planOfPrice } from '../plans.ts';
import { momentOf } from '../references.ts';
import { hasEnded } from './current.ts';

/** What a row says of a subscription as Stripe has it. */
export function valuesOf(subscription: Stripe.Subscription) {
  const { status, trial_end: trialEnd, ended_at: endedAt } = subscription;
  const item = planItemOf(subscription);
  const { price } = item;
  return {
    status,
    priceLookupKey: price.lookup_key,
    pricePlan: planNamedBy(price),
    stripePriceId: price.id,
    interval: intervals.find((each) => each === price.recurring?.interval) ?? null,
    quantity: item.quantity ?? 1,
    currentPeriodEnd: momentOf(item.current_period_end),
    trialEnd: momentOf(trialEnd),
    cancelAt: hasEnded(status) ? null : cancelAtOf(subscription, item),
    endedAt: momentOf(endedAt),
    paused: subscription.pause_collection !== null,
    createdAt: momentOf(subscription.created),
  };
}

/** The item that is for a plan: others may have been added beside it at Stripe. */
export function planItemOf({ id, items }: Stripe.Subscription): Stripe.SubscriptionItem {
  const ofPlan = items.data.find(
    ({ price }) => planOfPrice(price.lookup_key, price.metadata) !== undefined,
  );
  // This version may not know the plan that another has.
  const item = ofPlan ?? items.data.find(({ price }) => planNamedBy(price)) ?? items.data[0];
  if (item === undefined) throw new Error(`${id} is a subscription to nothing`);
  return item;
}

/** Whether payment is owed for it: https://docs.stripe.com/billing/subscriptions/overview#payments-status */
export function isOwed(status: string): boolean {
  return status === 'past_due' || status === 'unpaid';
}

/** Somebody may have written anything there at Stripe. */
function planNamedBy({ metadata }: Stripe.Price): string | null {
  const name = metadata['plan'] ?? '';
  return isPlanKey(name) ? name : null;
}

function cancelAtOf(subscription: Stripe.Subscription, item: Stripe.SubscriptionItem): Date | null {
  if (subscription.cancel_at !== null) return momentOf(subscription.cancel_at);
  return subscription.cancel_at_period_end ? momentOf(item.current_period_end) : null;
}
