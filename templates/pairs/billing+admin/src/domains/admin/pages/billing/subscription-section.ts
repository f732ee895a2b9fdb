import { html } from 'ghtml';
import { customerOf, formerCustomersOf } from '#app/domains/billing/customers.ts';
import type { Grounds, InForce } from '#app/domains/billing/entitlements.ts';
import { endOfGrace } from '#app/domains/billing/grace-policy.ts';
import { plans } from '#app/domains/billing/plans.ts';
import {
  latestSubscriptionsOf,
  planOf,
  type SubscriptionRow,
} from '#app/domains/billing/subscriptions/current.ts';
import { facts } from '../components/facts.ts';
import { table } from '../components/table.ts';
import { moment, state, text } from '../components/values.ts';
import { defineAccountSection } from '../customers/define-section.ts';
import { stripeLink, words, type StripeLink } from './values.ts';

/** Subscriptions that are listed, the newest first. */
const shown = 10;

export const subscriptionSection = defineAccountSection({
  title: 'Subscription',
  permission: 'customers.read',
  load: async ({ settings, database, billing }, { accountId }) => {
    const { queries } = database;
    const [inForce, subscriptions, stripeCustomer, formerCustomers] = await Promise.all([
      billing.entitlements.explain(accountId),
      latestSubscriptionsOf(queries, accountId, shown),
      customerOf(queries, accountId),
      formerCustomersOf(queries, accountId),
    ]);
    const atStripe = stripeLink(settings);
    return { inForce, subscriptions, stripeCustomer, formerCustomers, atStripe };
  },
  view: ({ inForce, subscriptions, stripeCustomer, formerCustomers, atStripe }) =>
    html`!${facts([
      ['Plan in force', text(plans[inForce.plan].name)],
      ['Because', text(reasons[inForce.grounds])],
      ['Features', text(inForce.features.join(', '))],
      ['Limits', text(limitsOf(inForce))],
      ['Customer at Stripe', atStripe(stripeCustomer)],
      ...(formerCustomers.length === 0
        ? []
        : [['Deleted at Stripe', formerCustomers.map(atStripe).join(', ')] as const]),
    ])}
    !${inForce.subscription === undefined ? '' : current(inForce.subscription, atStripe)}
    !${others(
      subscriptions.filter(({ id }) => id !== inForce.subscription?.id),
      atStripe,
    )}`,
});

const reasons: Record<Grounds, string> = {
  not_subscribed: 'There is no subscription that counts.',
  paid: 'It is subscribed to.',
  trial: 'It is tried.',
  grace: 'It is subscribed to. A payment is owed, and the plan is kept for some days.',
  not_paid: 'There is a subscription, and it is not paid for.',
  unknown_price: 'There is a subscription, and its price is that of no plan here.',
};

function limitsOf({ limits }: InForce): string {
  return Object.entries(limits)
    .map(([name, most]) => `${name}: ${most === Infinity ? 'unlimited' : most}`)
    .join(', ');
}

/** The subscription that counts. */
function current(subscription: SubscriptionRow, atStripe: StripeLink): string {
  const { pastDueSince, cancelAt, paused } = subscription;
  return facts([
    ['Subscription', atStripe(subscription.stripeSubscriptionId)],
    ['Subscribed to', text(planNameOf(subscription))],
    ['Status', statusOf(subscription)],
    ['Billed', text(subscription.interval === null ? null : `every ${subscription.interval}`)],
    ['Quantity', text(subscription.quantity)],
    ['Period ends', moment(subscription.currentPeriodEnd)],
    ['Trial ends', moment(subscription.trialEnd)],
    ['Cancels at', moment(cancelAt)],
    ...(paused ? [['Collection', state('paused', 'bad')] as const] : []),
    ...(pastDueSince === null
      ? []
      : [
          ['Owed since', moment(pastDueSince)] as const,
          ['Grace until', moment(endOfGrace(pastDueSince))] as const,
        ]),
  ]);
}

function others(subscriptions: readonly SubscriptionRow[], atStripe: StripeLink): string {
  if (subscriptions.length === 0) return '';
  return table(
    subscriptions,
    [
      { title: 'Subscription', cell: (row) => atStripe(row.stripeSubscriptionId) },
      { title: 'Plan', cell: (row) => text(planNameOf(row)) },
      { title: 'Status', cell: statusOf },
      { title: 'Began', cell: (row) => moment(row.createdAt) },
      { title: 'Ended', cell: (row) => moment(row.endedAt) },
    ],
    { caption: 'Other subscriptions', empty: '' },
  );
}

function planNameOf(row: SubscriptionRow): string {
  const plan = planOf(row);
  return plan === undefined ? `no plan here (${row.stripePriceId})` : plans[plan].name;
}

const moods: Readonly<Record<string, 'good' | 'bad'>> = {
  active: 'good',
  trialing: 'good',
  past_due: 'bad',
  unpaid: 'bad',
};

function statusOf({ status }: SubscriptionRow): string {
  return state(words(status), moods[status]);
}
