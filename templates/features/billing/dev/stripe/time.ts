import type { Stripe } from 'stripe';
import { day } from './calendar.ts';
import { expireSession } from './resources/checkout.ts';
import { attemptInvoice, subscriptionOf } from './resources/invoice-life.ts';
import { cancelSubscription } from './resources/subscription-ends.ts';
import { renew, settle } from './resources/subscription-life.ts';
import type { State } from './state.ts';

interface Due {
  /** Seconds since 1970. */
  readonly at: number;
  readonly happen: () => void;
}

const ended: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired', 'paused']);

/** Lets time pass: whatever falls due meanwhile happens at its own moment, in order. */
export function advanceTo(state: State, target: number): void {
  for (;;) {
    const next = allDue(state).toSorted((a, b) => a.at - b.at)[0];
    if (!next || next.at > target) break;
    if (next.at > state.now()) state.setNow(next.at);
    next.happen();
  }
  state.setNow(target);
}

function allDue(state: State): Due[] {
  const sessions = [...state.sessions.values()].filter(({ status }) => status === 'open');
  return [
    ...sessions.map((session) => ({
      at: session.expires_at,
      happen: () => expireSession(state, session),
    })),
    ...[...state.subscriptions.values()].flatMap((subscription) => dueOf(state, subscription)),
    ...[...state.invoices.values()].flatMap((invoice) => retryOf(state, invoice)),
  ];
}

function dueOf(state: State, subscription: Stripe.Subscription): Due[] {
  if (ended.has(subscription.status)) return [];
  const due: Due[] = [];
  const [item] = subscription.items.data;
  const { trial_end: trialEnd, cancel_at: cancelAt } = subscription;
  if (subscription.status === 'trialing' && trialEnd !== null) {
    if (!state.trialsAnnounced.has(subscription.id)) {
      due.push({
        at: Math.max(trialEnd - 3 * day, subscription.created),
        happen: () => {
          state.trialsAnnounced.add(subscription.id);
          state.emit('customer.subscription.trial_will_end', subscription);
        },
      });
    }
  }
  if (cancelAt !== null) {
    due.push({ at: cancelAt, happen: () => cancelSubscription(state, subscription) });
  }
  const resumesAt = subscription.pause_collection?.resumes_at;
  if (typeof resumesAt === 'number') {
    const resume = { pause_collection: null };
    due.push({
      at: resumesAt,
      happen: () => state.change('customer.subscription.updated', subscription, resume),
    });
  }
  if (subscription.status === 'incomplete') {
    due.push({ at: subscription.created + day - 3600, happen: () => expire(state, subscription) });
  } else if (item) {
    due.push({ at: item.current_period_end, happen: () => renew(state, subscription) });
  }
  return due;
}

/** A first payment that was never made ends the attempt to subscribe. */
function expire(state: State, subscription: Stripe.Subscription): void {
  state.change('customer.subscription.updated', subscription, {
    status: 'incomplete_expired',
    ended_at: state.now(),
  });
}

function retryOf(state: State, invoice: Stripe.Invoice): Due[] {
  if (invoice.status !== 'open' || invoice.next_payment_attempt === null) return [];
  if (ended.has(subscriptionOf(state, invoice)?.status ?? 'canceled')) return [];
  return [
    {
      at: invoice.next_payment_attempt,
      happen: () => {
        invoice.next_payment_attempt = null;
        settle(state, invoice, attemptInvoice(state, invoice, { scheduled: true }));
      },
    },
  ];
}
