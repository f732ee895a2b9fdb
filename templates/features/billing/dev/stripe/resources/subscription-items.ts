import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { flagOf, integerOf, listOf, textOf, type Params } from '../api/params.ts';
import type { State } from '../state.ts';
import { createInvoice } from './invoice-life.ts';
import { linesFor, prorationLines } from './invoice-lines.ts';
import { priceOf } from './products.ts';
import { collect, planOf, subscriptionItem, takePendingLines } from './subscription-life.ts';

export interface ItemChanges {
  readonly changes: Partial<Stripe.Subscription>;
  readonly lines: Stripe.InvoiceLineItem[];
  /** Whether what the change costs is asked for at once. */
  readonly isChargedNow: boolean;
  /** Asks for what the change costs, now or with the next invoice. */
  readonly charge: () => void;
}

/** What a subscription would be with other items, and what the change would cost. */
export function changeItems(
  state: State,
  subscription: Stripe.Subscription,
  params: Params,
): ItemChanges {
  const wanted = listOf(params, 'items');
  if (wanted.length === 0) {
    return { changes: {}, lines: [], isChargedNow: false, charge: () => undefined };
  }

  const behavior = textOf(params, 'proration_behavior') ?? 'create_prorations';
  const at = integerOf(params, 'proration_date') ?? state.now();
  const prorated: Stripe.InvoiceLineItem[] = [];
  let items = [...subscription.items.data];
  let restarts = false;
  for (const change of wanted) {
    const before = itemOf(subscription, change);
    const after = changedItem(state, subscription, before, change);
    if (!before) items.push(after);
    else if (flagOf(change, 'deleted')) items = items.filter(({ id }) => id !== before.id);
    else items = items.map((item) => (item.id === before.id ? after : item));
    if (!before) continue;
    restarts ||= before.price.recurring?.interval !== after.price.recurring?.interval;
    prorated.push(...prorationLines(subscription, before, after, at));
  }
  const isFree = subscription.status === 'trialing' || behavior === 'none';
  // A period of another length begins now and is paid whole: only what is unused is prorated.
  const credits = prorated.filter(({ amount }) => !restarts || amount < 0);
  const lines = isFree ? [] : credits;
  if (restarts && !isFree) lines.push(...linesFor(subscription, items));
  const isChargedNow = lines.length > 0 && (behavior === 'always_invoice' || restarts);
  return {
    changes: {
      items: { ...subscription.items, data: items },
      ...(restarts && subscription.status !== 'trialing' && { billing_cycle_anchor: state.now() }),
    },
    lines,
    isChargedNow,
    charge: () => {
      if (lines.length === 0) return;
      if (!isChargedNow) {
        const pending = state.pendingLines.get(subscription.id) ?? [];
        state.pendingLines.set(subscription.id, [...pending, ...lines]);
        return;
      }
      const all = [...takePendingLines(state, subscription), ...lines];
      collect(state, subscription, createInvoice(state, subscription, 'subscription_update', all));
    },
  };
}

function itemOf(
  subscription: Stripe.Subscription,
  change: Params,
): Stripe.SubscriptionItem | undefined {
  const id = textOf(change, 'id');
  if (id === undefined) return undefined;
  const item = subscription.items.data.find((candidate) => candidate.id === id);
  if (!item) throw missing('subscription_item', id, 'items');
  return item;
}

function changedItem(
  state: State,
  { id, trial_end, status }: Stripe.Subscription,
  before: Stripe.SubscriptionItem | undefined,
  change: Params,
): Stripe.SubscriptionItem {
  const priceId = textOf(change, 'price') ?? before?.price.id ?? '';
  const price = priceOf(state, priceId, 'items[0][price]');
  const quantity = integerOf(change, 'quantity') ?? before?.quantity ?? 1;
  const keepsPeriod =
    before &&
    (status === 'trialing' || before.price.recurring?.interval === price.recurring?.interval);
  if (keepsPeriod) return { ...before, price, plan: planOf(price), quantity };
  const fresh = subscriptionItem(
    id,
    { price, quantity },
    state.now(),
    status === 'trialing' ? trial_end : null,
  );
  return before ? { ...fresh, id: before.id, created: before.created } : fresh;
}
