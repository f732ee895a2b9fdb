// Two years of one customer: a trial, renewals, cards that decline, an upgrade, refunds, a dispute, the
// end. Whatever order its events come in, and however often, the same is known of it in the end.
import { expect, test } from 'vitest';
import { randomFrom } from '../support/bad-input.ts';
import { request } from '../support/service.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  newSubscriber,
  planPrices,
  select,
  type Subscriber,
} from './support/subscriber.ts';

/** Orders that are tried; more of them are for a machine with time. */
const shuffles = Number(process.env['SHUFFLES'] ?? 1);
/** Milliseconds; thousands of statements are made. */
const patience = 120_000;
/** Deliveries at once. */
const lanes = 6;

const billing = useBilling({}, { prices: planPrices, now: new Date('2024-01-31T12:00:00Z') });

let subscriber: Subscriber;
let lived: Awaited<ReturnType<typeof stateOf>>;

test('two years end as they should', { timeout: patience }, async () => {
  subscriber = await newSubscriber(billing);
  await liveTwoYears();
  lived = await stateOf();
  expect(lived).toMatchObject({
    subscriptions: [{ status: 'canceled', price_lookup_key: 'team_month' }],
    refunds: [{ status: 'succeeded' }, { status: 'failed' }],
    checkouts: [{ state: 'completed' }],
  });
});

test.for(Array.from({ length: shuffles }, (_, index) => index + 1))(
  'their events, shuffled and each sent twice, end in the same state (order %i)',
  { timeout: patience },
  async (seed) => {
    await forget();
    await deliverShuffled(seed);
    expect(await stateOf()).toEqual(lived);
  },
);

/** Each time some of what is told is still on its way, and out of order, when the next thing happens. */
async function liveTwoYears(): Promise<void> {
  const { stripe } = billing;
  stripe.webhooks.duplicate(2);
  await subscriber.subscribe();
  const customer = await subscriber.customerId();
  pass(15);
  pass(150);

  stripe.declineCards(customer);
  pass(32);
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ status: 'past_due' });
  stripe.acceptCards(customer);
  pass(5);
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ status: 'active', plan: 'pro' });

  const change = { plan: 'team', interval: 'month', quantity: 3 };
  expect((await subscriber.post('/v1/billing/subscription/change', change)).status).toBe(200);
  pass(200);

  const charges = [...stripe.objects.charges.values()].filter(({ paid }) => paid);
  const [first, second, third] = charges.map(({ id }) => id);
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('In half a year nothing was paid');
  }
  stripe.refunds.create(first, 500);
  stripe.refunds.fail(stripe.refunds.create(second, 700).id);
  stripe.disputes.close(stripe.disputes.open(third).id, 'lost');
  pass(250);

  expect((await subscriber.post('/v1/billing/subscription/cancel')).status).toBe(200);
  pass(40);
  await allProcessed(billing);
  stripe.webhooks.duplicate(1);
}

/** Lets days pass, and tells of them afterwards, in an order that they did not have. */
function pass(days: number): void {
  const { stripe } = billing;
  stripe.webhooks.hold();
  stripe.advance({ days });
  stripe.webhooks.release(days);
}

/** Takes away all that was learnt from events. */
async function forget(): Promise<void> {
  const { connection } = billing.service.database;
  for (const table of ['refunds', 'payments', 'invoices', 'subscriptions', 'effects']) {
    await connection.query(`DELETE FROM billing_${table}`);
  }
  await connection.query('DELETE FROM webhook_events');
  await connection.query('UPDATE billing_customers SET trial_used_at = NULL');
  await connection.query(`UPDATE billing_checkouts SET state = 'open'`);
}

/** Sends every event twice, several at once. */
async function deliverShuffled(seed: number): Promise<void> {
  const { service, stripe } = billing;
  const { below } = randomFrom(seed);
  const waiting = stripe.events.flatMap((event) => [event, event]);
  async function deliverSome(): Promise<void> {
    while (waiting.length > 0) {
      const [event] = waiting.splice(below(waiting.length), 1);
      if (event === undefined) return;
      const { body, signature } = stripe.webhooks.sign(event);
      const headers = { 'stripe-signature': signature };
      const sent = { method: 'POST', headers, body };
      expect((await request(service.url, '/webhooks/stripe', sent)).status).toBe(200);
    }
  }
  await Promise.all(Array.from({ length: lanes }, deliverSome));
  await allProcessed(billing);
}

function rows(table: string, columns: string, order: string) {
  return select(
    billing,
    `SELECT ${columns} FROM billing_${table} WHERE account_id = ? ORDER BY ${order}`,
    subscriber.accountId,
  );
}

/** What is known of a customer, apart from the ids that rows have and when they were written. */
async function stateOf() {
  return {
    customers: await rows('customers', 'stripe_customer_id, trial_used_at', 'account_id'),
    subscriptions: await rows(
      'subscriptions',
      `stripe_subscription_id, status, price_lookup_key, stripe_price_id, \`interval\`, quantity,
       current_period_end, trial_end, cancel_at, ended_at, past_due_since, paused`,
      'stripe_subscription_id',
    ),
    checkouts: await rows('checkouts', 'plan, state, stripe_session_id', 'id'),
    invoices: await rows(
      'invoices',
      'stripe_invoice_id, number, status, total, amount_paid, amount_due, issued_at',
      'stripe_invoice_id',
    ),
    payments: await rows(
      'payments',
      'stripe_charge_id, amount, amount_refunded, dispute_status, paid_at',
      'stripe_charge_id',
    ),
    refunds: await rows('refunds', 'stripe_refund_id, amount, status', 'amount'),
    paid: await rows('effects', 'source', `source LIKE 'invoice.paid:%' DESC, source`),
  };
}
