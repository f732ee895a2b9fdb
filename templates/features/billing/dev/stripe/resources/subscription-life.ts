import type { Stripe } from 'stripe';
import { wholeList } from '../api/lists.ts';
import { day, periodEnd } from '../calendar.ts';
import { newId, snapshot, type Order, type OrderedItem, type State } from '../state.ts';
import { linesFor } from './invoice-lines.ts';
import {
  attemptInvoice,
  createInvoice,
  finalizeInvoice,
  markUncollectible,
  subscriptionOf,
  voidInvoice,
} from './invoice-life.ts';
import type { Outcome } from './payments.ts';
import { cancelSubscription } from './subscription-ends.ts';

/** Makes a subscription that nothing was paid for yet. */
export function createSubscription(
  state: State,
  customer: string,
  { items, trialDays, metadata }: Order,
  paymentMethod: string | null,
): Stripe.Subscription {
  const id = newId('sub');
  const at = state.now();
  const trialEnd = trialDays > 0 ? at + trialDays * day : null;
  const subscription: Stripe.Subscription = {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? at,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: null, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: at,
    currency: items[0]?.price.currency ?? 'usd',
    customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: paymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: wholeList(
      `/v1/subscription_items?subscription=${id}`,
      items.map((item) => subscriptionItem(id, item, at, trialEnd)),
    ),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: at,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    test_clock: null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
    },
    trial_start: trialEnd === null ? null : at,
  };
  state.subscriptions.set(id, subscription);
  state.emit('customer.subscription.created', subscription);
  return subscription;
}

export function subscriptionItem(
  subscription: string,
  { price, quantity }: OrderedItem,
  start: number,
  trialEnd: number | null = null,
): Stripe.SubscriptionItem {
  const { interval = 'month', interval_count = 1 } = price.recurring ?? {};
  return {
    id: newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: start,
    current_period_end: trialEnd ?? periodEnd(start, interval, interval_count),
    current_period_start: start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity,
    subscription,
    tax_rates: [],
  };
}

/** The older shape of a price, which Stripe still gives beside it. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

/** Begins the next period of each item, and asks for its price. */
export function renew(state: State, subscription: Stripe.Subscription): void {
  const wasTrialing = subscription.status === 'trialing';
  const items = subscription.items.data.map((item) => {
    const { interval = 'month', interval_count = 1 } = item.price.recurring ?? {};
    const start = item.current_period_end;
    const end = periodEnd(start, interval, interval_count, subscription.billing_cycle_anchor);
    return { ...item, current_period_start: start, current_period_end: end };
  });
  const lines = [...takePendingLines(state, subscription), ...linesFor(subscription, items)];
  const before = snapshot(subscription);
  subscription.items = { ...subscription.items, data: items };
  if (wasTrialing) subscription.status = 'active';
  const invoice = createInvoice(state, subscription, 'subscription_cycle', lines);
  state.changed('customer.subscription.updated', subscription, before);
  collect(state, subscription, invoice);
}

/** Issues an invoice and tries to have it paid, unless collection is paused. */
export function collect(
  state: State,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): void {
  const paused = subscription.pause_collection?.behavior;
  if (paused === 'keep_as_draft' || subscription.status === 'unpaid') {
    invoice.auto_advance = false;
    return;
  }
  finalizeInvoice(state, invoice);
  if (paused === 'void') return voidInvoice(state, invoice);
  if (paused === 'mark_uncollectible') return markUncollectible(state, invoice);
  settle(state, invoice, attemptInvoice(state, invoice, { scheduled: true }));
}

/** Brings a subscription to the status that follows from how a payment of its invoice went. */
export function settle(state: State, invoice: Stripe.Invoice, outcome: Outcome): void {
  const subscription = subscriptionOf(state, invoice);
  if (!subscription || subscription.status === 'canceled') return;
  const { status } = subscription;
  if (outcome === 'paid' || outcome === 'processing') {
    if (status !== 'trialing' && invoice.id === subscription.latest_invoice) {
      state.change('customer.subscription.updated', subscription, { status: 'active' });
    }
    return;
  }
  if (status === 'incomplete') return;
  const isOver = outcome === 'declined' && invoice.next_payment_attempt === null;
  if (isOver && state.afterRetries === 'canceled') {
    return cancelSubscription(state, subscription, 'payment_failed');
  }
  state.change('customer.subscription.updated', subscription, {
    status: isOver ? state.afterRetries : 'past_due',
  });
}

/** Takes the prorations that wait for the next invoice. */
export function takePendingLines(
  state: State,
  { id }: Stripe.Subscription,
): Stripe.InvoiceLineItem[] {
  const lines = state.pendingLines.get(id) ?? [];
  state.pendingLines.delete(id);
  return lines;
}
