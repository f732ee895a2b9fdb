// Events in the shape of an older version of the API, or of a newer one: an object's id is all that is
// sure to be where it is expected.
import type { Stripe } from 'stripe';
import { expect, test } from 'vitest';
import { handlers } from '#app/domains/billing/webhooks/handlers/index.ts';
import { useMoney, type TestCustomer } from './support/money.ts';

const money = useMoney();

/** The events of a type that came of something, with objects that say no more than who they are. */
async function bare(type: Stripe.Event['type'], what: () => unknown): Promise<Stripe.Event[]> {
  const before = money.fake.events.length;
  await what();
  const events = money.fake.events.slice(before).filter((event) => event.type === type);
  expect(events).not.toEqual([]);
  return events.map((event) => {
    const { id, object } = event.data.object as { id: string; object: string };
    return Object.assign({}, event, { data: { object: { id, object } } });
  });
}

const process = (events: readonly Stripe.Event[]) => money.process(events, { handlers });

const one = async ({ accountId }: TestCustomer, columns: string, table: string) => {
  const rows = await money.rows(
    `SELECT ${columns} FROM ${table} WHERE account_id = ? ORDER BY updated_at DESC LIMIT 1`,
    accountId,
  );
  return rows[0];
};

/** A customer whose renewal was just declined, of which nothing is known here. */
async function renewalDeclined(customer: TestCustomer): Promise<void> {
  money.fake.declineCards(customer.customerId);
  money.fake.advance({ days: 366 });
}

test('an invoice that was paid brings its subscription', async () => {
  const customer = await money.addCustomer();
  await process(await bare('invoice.paid', () => money.buy(customer)));
  expect(await one(customer, 'status', 'billing_subscriptions')).toEqual({ status: 'active' });
});

test('an invoice that was not paid has its subscription owe it', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  await process(await bare('invoice.payment_failed', () => renewalDeclined(customer)));
  expect(await one(customer, 'status, past_due_since', 'billing_subscriptions')).toEqual({
    status: 'past_due',
    past_due_since: expect.any(Date),
  });
});

test('a checkout brings what was bought', async () => {
  const customer = await money.addCustomer();
  await process(await bare('checkout.session.completed', () => money.buy(customer)));
  expect(await one(customer, 'status', 'billing_subscriptions')).toEqual({ status: 'active' });
});

test('a dispute shows at its payment', async () => {
  const customer = await money.addCustomer();
  const charge = await money.buy(customer);
  const open = () => money.fake.disputes.open(charge.id);
  await process(await bare('charge.dispute.created', open));
  expect(await one(customer, 'dispute_status', 'billing_payments')).toEqual({
    dispute_status: 'needs_response',
  });
  const disputes = [...money.fake.objects.disputes.values()];
  const dispute = disputes.find((each) => each.charge === charge.id);
  const close = () => money.fake.disputes.close(dispute?.id ?? '', 'won');
  await process(await bare('charge.dispute.closed', close));
  expect(await one(customer, 'dispute_status', 'billing_payments')).toEqual({
    dispute_status: 'won',
  });
});

test('a refund shows as what it has become', async () => {
  const customer = await money.addCustomer();
  const charge = await money.buy(customer);
  money.fake.refunds.wait(true);
  const { id } = money.fake.refunds.create(charge.id, 500);
  money.fake.refunds.wait(false);
  await process(await bare('refund.updated', () => money.fake.refunds.succeed(id)));
  expect(await one(customer, 'status', 'billing_refunds')).toEqual({ status: 'succeeded' });
  await process(await bare('refund.failed', () => money.fake.refunds.fail(id)));
  expect(await one(customer, 'status', 'billing_refunds')).toEqual({ status: 'failed' });
});
