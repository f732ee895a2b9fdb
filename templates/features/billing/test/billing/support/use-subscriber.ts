import type { Stripe } from 'stripe';
import { afterEach, beforeEach } from 'vitest';
import type { Answer } from '../../support/service.ts';
import type { TestBilling } from './billing.ts';
import { newSubscriber, proMonthly, type Choice, type Subscriber } from './subscriber.ts';

/** A plan of seats. */
export const team: Choice = { plan: 'team', interval: 'month', quantity: 3 };

/** A subscriber for each test of a file, whose subscriptions end with the test. */
export interface OwnSubscriber {
  readonly subscriber: Subscriber;
  act(name: 'cancel' | 'resume'): Promise<Answer>;
  change(body: object): Promise<Answer>;
  /** Subscribes without a trial. */
  subscribePaid(choice?: Choice): Promise<void>;
  /** The subscription as Stripe has it. */
  atStripe(): Stripe.Subscription | undefined;
  /** Its invoices at Stripe, the oldest first. */
  invoices(): Stripe.Invoice[];
  openInvoice(): Stripe.Invoice;
  /** How often Stripe was asked to change the subscription. */
  updates(): number;
}

export function useSubscriber(billing: TestBilling): OwnSubscriber {
  let subscriber: Subscriber;

  beforeEach(async () => {
    billing.stripe.heal();
    subscriber = await newSubscriber(billing);
  });
  // Time is the same for all: those of other tests would be renewed and charged with each month.
  afterEach(() => {
    for (const { id, status } of billing.stripe.objects.subscriptions.values()) {
      if (status !== 'canceled') billing.stripe.subscriptions.cancel(id);
    }
  });

  const atStripe = () => billing.stripe.objects.subscriptions.get(subscriber.stripeId());
  const invoices = () =>
    [...billing.stripe.objects.invoices.values()].filter(
      ({ customer }) => customer === atStripe()?.customer,
    );

  return {
    get subscriber() {
      return subscriber;
    },
    act: (name) => subscriber.post(`/v1/billing/subscription/${name}`),
    change: (body) => subscriber.post('/v1/billing/subscription/change', body),
    async subscribePaid(choice = proMonthly) {
      await billing.service.database.connection.query(
        'INSERT INTO billing_customers (account_id, trial_used_at) VALUES (?, UTC_TIMESTAMP(3))',
        [subscriber.accountId],
      );
      await subscriber.subscribe(choice);
    },
    atStripe,
    invoices,
    openInvoice() {
      const open = invoices().find(({ status }) => status === 'open');
      if (open === undefined) throw new Error('No invoice is open');
      return open;
    },
    updates: () =>
      billing.stripe.requests.filter(
        ({ method, path }) => method === 'POST' && path.endsWith(subscriber.stripeId()),
      ).length,
  };
}
