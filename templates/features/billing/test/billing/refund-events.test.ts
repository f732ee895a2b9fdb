import type { Stripe } from 'stripe';
import { beforeEach, expect, test } from 'vitest';
import { refundTooLarge } from '#app/domains/billing/errors.ts';
import { refundDelivery } from '#app/domains/billing/refunds/refund-delivery.ts';
import { service } from '#app/service.ts';
import { randomFrom } from '../support/bad-input.ts';
import { price, useMoney, type TestCustomer } from './support/money.ts';

const money = useMoney();
const sent = `Your refund from ${service.name}`;

let customer: TestCustomer;
let charge: Stripe.Charge;

beforeEach(async () => {
  await money.deliver();
  customer = await money.addCustomer();
  charge = await money.buy(customer);
});

const payments = () =>
  money.rows('SELECT * FROM billing_payments WHERE account_id = ?', customer.accountId);
const refunds = () =>
  money.rows(
    'SELECT * FROM billing_refunds WHERE account_id = ? ORDER BY amount',
    customer.accountId,
  );

const atStripe = () =>
  [...money.fake.objects.refunds.values()].filter((refund) => refund.charge === charge.id);

async function request(amount: number): Promise<string> {
  const [payment] = await payments();
  const { id } = await money.refunds.request({
    accountId: customer.accountId,
    paymentId: payment?.['id'],
    amount,
    reason: 'requested_by_customer',
    requestedBy: 'operator:ann',
  });
  return id;
}

async function subjects(): Promise<string[]> {
  await money.deliver();
  return money.mails.filter(({ to }) => to === customer.email).map(({ subject }) => subject);
}

test('a refund that was sent is told to the customer, once', async () => {
  await money.process(money.takeEvents());
  await request(500);
  await money.deliver();
  const events = money.takeEvents();
  expect(events.map(({ type }) => type)).toContain('charge.refunded');
  for (let time = 0; time < 3; time += 1) await money.process(events);

  expect(await subjects()).toEqual([sent]);
  const mail = money.mails.find(({ to }) => to === customer.email);
  expect(mail?.text).toContain('€5.00');
  expect(await payments()).toMatchObject([{ amount: price, amount_refunded: 500 }]);
});

test('the event of a refund of ours may come before its answer: one row, as it is by now', async () => {
  await money.process(money.takeEvents());
  const refundId = await request(500);
  const { database } = money;
  /** What is told before the answer, and what has become of it, which is newer. */
  const overtaken: typeof database.transaction = async (work) => {
    money.fake.refunds.fail(String(atStripe()[0]?.id));
    await money.process(money.takeEvents());
    return database.transaction(work);
  };
  await refundDelivery.deliver(
    { accountId: customer.accountId, refundId },
    {
      key: 'key',
      signal: new AbortController().signal,
      services: { ...money.services, database: { ...database, transaction: overtaken } },
    },
  );
  expect(await refunds()).toMatchObject([
    { id: refundId, stripe_refund_id: atStripe()[0]?.id, status: 'failed' },
  ]);
});

test('a refund that fails days later gives the money back, and is told to the customer once', async () => {
  await money.process(money.takeEvents());
  await request(price);
  await money.deliver();
  await money.process(money.takeEvents());
  await expect(request(1)).rejects.toMatchObject({ kind: refundTooLarge });

  const [refund] = await refunds();
  money.fake.refunds.fail(refund?.['stripe_refund_id'], 'lost_or_stolen_card');
  const events = money.takeEvents();
  for (let time = 0; time < 2; time += 1) await money.process(events);
  expect(await refunds()).toMatchObject([{ status: 'failed', failure: 'lost_or_stolen_card' }]);
  expect(await payments()).toMatchObject([{ amount_refunded: 0 }]);
  expect(await subjects()).toEqual([sent, `${sent} did not arrive`]);
  expect(await request(price)).toEqual(expect.any(String));
});

test('a refund that was made at Stripe is written, and is less to refund here', async () => {
  await money.process(money.takeEvents());
  money.fake.refunds.create(charge.id, 15_000);
  await money.process(money.takeEvents());
  expect(await refunds()).toMatchObject([
    {
      amount: 15_000,
      status: 'succeeded',
      requested_by: 'stripe',
      reason: 'requested_by_customer',
    },
  ]);
  await expect(request(5001)).rejects.toMatchObject({ kind: refundTooLarge });
  await request(5000);
});

test('a refund that is heard of before its payment brings the payment and its invoice', async () => {
  money.fake.refunds.create(charge.id, 700);
  const events = money.takeEvents();
  await money.process(events.filter(({ type }) => type === 'charge.refunded'));
  const [payment] = await payments();
  expect(payment).toMatchObject({ amount: price, amount_refunded: 700 });
  const invoices = await money.rows(
    'SELECT status FROM billing_invoices WHERE id = ?',
    payment?.['invoice_id'],
  );
  expect(invoices).toMatchObject([{ status: 'paid' }]);
  expect(await refunds()).toMatchObject([{ amount: 700 }]);
});

test('whatever the order of the events, and however often they come, the end is the same', async () => {
  for (const amount of [500, 700, 900]) money.fake.refunds.create(charge.id, amount);
  const first = atStripe().at(0);
  money.fake.refunds.fail(String(first?.id));
  money.fake.disputes.close(money.fake.disputes.open(charge.id).id, 'won');
  const events = money.takeEvents();
  const ends = new Set<string>();

  for (let seed = 1; seed <= 2; seed += 1) {
    for (const table of ['refunds', 'payments', 'invoices', 'effects']) {
      await money.rows(`DELETE FROM billing_${table} WHERE account_id = ?`, customer.accountId);
    }
    await money.process(shuffled([...events, ...events], seed));
    const end = [await payments(), await refunds(), await effects()];
    ends.add(JSON.stringify(end, (name, value) => (isOurs(name) ? undefined : value)));
  }
  expect(ends.size).toBe(1);
  expect(await refunds()).toMatchObject([
    { amount: 500, status: 'failed' },
    { amount: 700, status: 'succeeded' },
    { amount: 900, status: 'succeeded' },
  ]);
  expect(await payments()).toMatchObject([{ amount_refunded: 1600, dispute_status: 'won' }]);
});

test('events of one charge that are processed at once end as if one came after the other', async () => {
  for (let amount = 1; amount <= 4; amount += 1) money.fake.refunds.create(charge.id, amount);
  await Promise.all(money.takeEvents().map((event) => money.process([event])));
  expect((await refunds()).map(({ amount }) => amount)).toEqual([1, 2, 3, 4]);
  expect(await payments()).toMatchObject([{ amount_refunded: 10 }]);
  expect(await subjects()).toHaveLength(4);
});

const effects = () =>
  money.rows(
    'SELECT source FROM billing_effects WHERE account_id = ? ORDER BY source',
    customer.accountId,
  );

/** What is drawn or taken from the clock when a row is written. */
function isOurs(name: string): boolean {
  return ['id', 'payment_id', 'invoice_id', 'created_at', 'updated_at'].includes(name);
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = randomFrom(seed);
  const rest = [...values];
  return values.flatMap(() => rest.splice(random.below(rest.length), 1));
}
