import type { Stripe } from 'stripe';
import { cardRefused, missing, refused, type Refusal } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { flagOf, integerOf, metadataOf, objectOf, textOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { idOf, type State } from '../state.ts';
import { cardDeclined } from './payments.ts';
import { cancelSubscription } from './subscription-ends.ts';
import { changeItems } from './subscription-items.ts';

export const subscriptionRoutes: Routes = {
  'GET /v1/subscriptions': ({ state, params }) =>
    pageOf('/v1/subscriptions', subscriptionsBy(state, params), params),
  'GET /v1/subscriptions/:id': ({ state, id }) => findSubscription(state, id),
  'POST /v1/subscriptions/:id': ({ state, id, params }) =>
    updateSubscription(state, findSubscription(state, id), params),
  'DELETE /v1/subscriptions/:id': ({ state, id }) => {
    const subscription = liveSubscription(state, id);
    cancelSubscription(state, subscription);
    return subscription;
  },
  'POST /v1/subscriptions/:id/resume': ({ state, id }) => {
    const subscription = findSubscription(state, id);
    if (subscription.default_payment_method === null) {
      throw refused('This customer has no attached payment source or default payment method.', {
        code: 'resource_missing',
      });
    }
    resumeSubscription(state, subscription);
    return subscription;
  },
};

export function findSubscription(state: State, id: string, param?: string): Stripe.Subscription {
  const subscription = state.subscriptions.get(id);
  if (!subscription) throw missing('subscription', id, param);
  return subscription;
}

/** Stripe knows an ended subscription, but not as one that can be canceled. */
function liveSubscription(state: State, id: string): Stripe.Subscription {
  const subscription = findSubscription(state, id);
  if (subscription.status === 'canceled') throw missing('subscription', id);
  return subscription;
}

function subscriptionsBy(state: State, params: Params): Stripe.Subscription[] {
  const customer = textOf(params, 'customer');
  const price = textOf(params, 'price');
  const status = textOf(params, 'status');
  const hasStatus = (subscription: Stripe.Subscription) => {
    if (status === 'all') return true;
    if (status === undefined) return subscription.status !== 'canceled';
    if (status === 'ended') {
      return ['canceled', 'incomplete_expired'].includes(subscription.status);
    }
    return subscription.status === status;
  };
  return [...state.subscriptions.values()].filter(
    (subscription) =>
      hasStatus(subscription) &&
      (customer === undefined || subscription.customer === customer) &&
      (price === undefined || subscription.items.data.some((item) => item.price.id === price)),
  );
}

export function updateSubscription(
  state: State,
  subscription: Stripe.Subscription,
  params: Params,
): Stripe.Subscription {
  if (subscription.status === 'canceled') {
    throw refused('A canceled subscription can only update its cancellation_details and metadata.');
  }
  const changes: Partial<Stripe.Subscription> = {
    metadata: metadataOf(params, subscription.metadata),
    ...endingOf(state, subscription, params),
    ...pauseOf(params),
  };
  const itemChanges = changeItems(state, subscription, params);
  const mustPay = textOf(params, 'payment_behavior') === 'error_if_incomplete';
  const card = state.cards.get(idOf(subscription.customer));
  if (mustPay && itemChanges.isChargedNow && card !== undefined) {
    throw card === 'asks' ? confirmationNeeded() : cardDeclined();
  }
  state.change('customer.subscription.updated', subscription, {
    ...changes,
    ...itemChanges.changes,
  });
  itemChanges.charge();
  return subscription;
}

function confirmationNeeded(): Refusal {
  return cardRefused(
    'subscription_payment_intent_requires_action',
    'Payment for this subscription requires additional user action before it can be completed successfully.',
  );
}

function endingOf(
  state: State,
  subscription: Stripe.Subscription,
  params: Params,
): Partial<Stripe.Subscription> {
  const atPeriodEnd = flagOf(params, 'cancel_at_period_end');
  const at = cancelMoment(subscription, params);
  if (atPeriodEnd === undefined && params['cancel_at'] === undefined) return {};
  const end = atPeriodEnd === true ? lastPeriodEnd(subscription) : (at ?? null);
  return {
    cancel_at_period_end: atPeriodEnd ?? false,
    cancel_at: end,
    canceled_at: end === null ? null : state.now(),
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: end === null ? null : 'cancellation_requested',
    },
  };
}

function cancelMoment(subscription: Stripe.Subscription, params: Params): number | undefined {
  const byPeriod = ['min_period_end', 'max_period_end'].includes(textOf(params, 'cancel_at') ?? '');
  return byPeriod ? lastPeriodEnd(subscription) : integerOf(params, 'cancel_at');
}

function lastPeriodEnd({ items }: Stripe.Subscription): number {
  return Math.max(...items.data.map(({ current_period_end: end }) => end));
}

function pauseOf(params: Params): Partial<Stripe.Subscription> {
  if (params['pause_collection'] === undefined) return {};
  const pause = objectOf(params, 'pause_collection');
  const behavior = textOf(pause, 'behavior');
  if (behavior === undefined) return { pause_collection: null };
  return { pause_collection: { behavior, resumes_at: integerOf(pause, 'resumes_at') ?? null } };
}

/** Pauses a subscription whole, as Stripe does when a trial ends without a means to pay. */
export function pauseSubscription(state: State, subscription: Stripe.Subscription): void {
  Object.assign(subscription, { status: 'paused' });
  state.emit('customer.subscription.paused', subscription);
}

export function resumeSubscription(state: State, subscription: Stripe.Subscription): void {
  if (subscription.status !== 'paused') {
    throw refused('This subscription is not paused.');
  }
  Object.assign(subscription, { status: 'active' });
  state.emit('customer.subscription.resumed', subscription);
}
