import type { Stripe } from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { idOf } from '../../dev/stripe/state.ts';
import { prices } from './support/prices.ts';
import { clientOf } from './support/fake-client.ts';

let fake: FakeStripe;
let stripe: Stripe;
let seen = 0;

beforeAll(async () => {
  fake = await startFakeStripe({ prices, now: new Date('2026-01-31T12:00:00Z') });
  stripe = clientOf(fake);
});
beforeEach(() => {
  seen = fake.events.length;
});
afterAll(() => fake.close());

test('a subscription is renewed at the end of each month, also of a short one', async () => {
  const subscription = await subscribed();
  const before = fake.now();
  fake.advance({ days: 62 });

  const paid = await stripe.invoices.list({ subscription: subscription.id });
  expect(paid.data.map(({ billing_reason: reason }) => reason)).toEqual([
    'subscription_cycle',
    'subscription_cycle',
    'subscription_create',
  ]);
  expect(paid.data.every(({ status }) => status === 'paid')).toBe(true);
  const [item] = (await stripe.subscriptions.retrieve(subscription.id)).items.data;
  const { current_period_start: start = 0, current_period_end: end = 0 } = item ?? {};
  const days = [start, end].map((at) => new Date(at * 1000).toISOString().slice(0, 10));
  expect(days).toEqual(['2026-03-31', '2026-04-30']);
  expect(fake.now().getTime() - before.getTime()).toBe(62 * 86_400_000);
});

test('a trial is announced three days before it ends, and then paid for', async () => {
  const { id } = await subscribed({ trial: 14 });
  expect(await statusOf(id)).toBe('trialing');
  fake.advance({ days: 10 });
  expect(typesSince()).not.toContain('customer.subscription.trial_will_end');
  fake.advance({ days: 1, hours: 1 });
  expect(count('customer.subscription.trial_will_end')).toBe(1);
  fake.advance({ days: 3 });
  expect(await statusOf(id)).toBe('active');
  expect(count('customer.subscription.trial_will_end')).toBe(1);
  const { data } = await stripe.invoices.list({ subscription: id });
  expect(data.map(({ amount_paid: amount }) => amount)).toEqual([2000, 0]);
});

test('a card that is declined is tried again, until the subscription ends', async () => {
  const { id, customer } = await subscribed();
  fake.declineCards(idOf(customer));
  fake.advance({ days: 32 });
  expect(await statusOf(id)).toBe('past_due');
  fake.advance({ days: 16 });
  expect(await statusOf(id)).toBe('canceled');
  expect(count('invoice.payment_failed')).toBe(4);
  expect(count('customer.subscription.deleted')).toBe(1);
});

test('a card that pays again in time ends the dunning', async () => {
  const { id, customer } = await subscribed();
  fake.declineCards(idOf(customer));
  fake.advance({ days: 32 });
  fake.acceptCards(idOf(customer));
  fake.advance({ days: 4 });
  expect(await statusOf(id)).toBe('active');
});

test('after the last retry a subscription can also stay, unpaid', async () => {
  fake.afterRetries('unpaid');
  const { id, customer } = await subscribed();
  fake.declineCards(idOf(customer));
  fake.advance({ days: 32 + 16 });
  fake.afterRetries('canceled');
  expect(await statusOf(id)).toBe('unpaid');
  fake.acceptCards(idOf(customer));
  const { data } = await stripe.invoices.list({ subscription: id, status: 'open' });
  await stripe.invoices.pay(data[0]?.id ?? '');
  expect(await statusOf(id)).toBe('active');
});

test('a payment that needs its customer waits for them', async () => {
  const { id, customer } = await subscribed();
  fake.askForConfirmation(idOf(customer));
  fake.advance({ days: 32 });
  expect(await statusOf(id)).toBe('past_due');
  expect(count('invoice.payment_action_required')).toBe(1);
  const { data } = await stripe.invoices.list({ subscription: id, status: 'open' });
  const invoice = data[0]?.id ?? '';
  await expect(stripe.invoices.pay(invoice)).rejects.toMatchObject({ statusCode: 402 });
  expect(fake.payInvoice(invoice).status).toBe('paid');
  expect(await statusOf(id)).toBe('active');
});

test('what is to be canceled runs until its period ends', async () => {
  const { id } = await subscribed();
  const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
  expect(ending.cancel_at).toBe(ending.items.data[0]?.current_period_end);
  const resumed = await stripe.subscriptions.update(id, { cancel_at_period_end: false });
  expect(resumed.cancel_at).toBeNull();
  await stripe.subscriptions.update(id, { cancel_at_period_end: true });
  fake.advance({ days: 32 });
  expect(await statusOf(id)).toBe('canceled');
  await expect(stripe.subscriptions.cancel(id)).rejects.toMatchObject({ statusCode: 404 });
});

test('a preview says what a change will cost, and the change costs that', async () => {
  const { id, items } = await subscribed();
  fake.advance({ days: 10 });
  const change = {
    items: [{ id: items.data[0]?.id ?? '', price: await priceId('team_month'), quantity: 2 }],
    proration_behavior: 'always_invoice' as const,
    proration_date: Math.floor(fake.now().getTime() / 1000),
  };
  const preview = await stripe.invoices.createPreview({
    subscription: id,
    subscription_details: change,
  });
  expect(preview.lines.data.map(({ amount }) => Math.sign(amount))).toEqual([-1, 1]);
  const changed = await stripe.subscriptions.update(id, {
    ...change,
    expand: ['latest_invoice'],
  });
  expect(changed.latest_invoice).toMatchObject({ status: 'paid', total: preview.total });
  expect(changed.items.data[0]).toMatchObject({ quantity: 2, price: { lookup_key: 'team_month' } });
});

test('an upgrade that must be paid does not happen where the card is declined', async () => {
  const { id, customer, items } = await subscribed();
  fake.declineCards(idOf(customer));
  const upgrade = stripe.subscriptions.update(id, {
    items: [{ id: items.data[0]?.id ?? '', price: await priceId('team_month') }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'error_if_incomplete',
  });
  await expect(upgrade).rejects.toMatchObject({ code: 'card_declined' });
  const now = await stripe.subscriptions.retrieve(id);
  expect(now.items.data[0]?.price.lookup_key).toBe('pro_month');
});

test('a period of another length begins at once', async () => {
  const { id, items } = await subscribed();
  const changed = await stripe.subscriptions.update(id, {
    items: [{ id: items.data[0]?.id ?? '', price: await priceId('pro_year') }],
  });
  const [item] = changed.items.data;
  const days = ((item?.current_period_end ?? 0) - (item?.current_period_start ?? 0)) / 86_400;
  expect(days).toBeGreaterThanOrEqual(365);
});

test('collection can be paused, and a subscription whole', async () => {
  const { id } = await subscribed();
  await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
  fake.advance({ days: 32 });
  const { data } = await stripe.invoices.list({ subscription: id });
  expect(data[0]?.status).toBe('void');
  await stripe.subscriptions.update(id, { pause_collection: '' });
  fake.subscriptions.pause(id);
  expect(await statusOf(id)).toBe('paused');
  fake.subscriptions.resume(id);
  expect(await statusOf(id)).toBe('active');
  expect(typesSince()).toContain('customer.subscription.paused');
  expect(typesSince()).toContain('customer.subscription.resumed');
});

test('a debit is known to have failed only days later', async () => {
  const { session } = await begun();
  fake.pay(session.id, { delayed: true });
  expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('unpaid');
  fake.finishDelayedPayment(session.id, 'failed');
  expect(typesSince().slice(-1)).toEqual(['checkout.session.async_payment_failed']);

  const other = await begun();
  fake.pay(other.session.id, { delayed: true });
  fake.finishDelayedPayment(other.session.id, 'succeeded');
  const paid = await stripe.checkout.sessions.retrieve(other.session.id);
  expect(paid.payment_status).toBe('paid');
});

test('a refund never gives back more than is left', async () => {
  const { customer } = await subscribed();
  const charge = await chargeOf(customer);
  const half = await stripe.refunds.create({ charge, amount: 1500 });
  expect(half).toMatchObject({ status: 'succeeded', amount: 1500 });
  await expect(stripe.refunds.create({ charge, amount: 1000 })).rejects.toThrow(/greater than/);
  await stripe.refunds.create({ charge });
  await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({
    code: 'charge_already_refunded',
  });
  fake.refunds.fail(half.id);
  await expect(stripe.charges.retrieve(charge)).resolves.toMatchObject({ amount_refunded: 500 });
  expect(typesSince().slice(-3)).toEqual([
    'refund.updated',
    'refund.failed',
    'charge.refund.updated',
  ]);
});

test('a dispute takes a charge out of reach of refunds', async () => {
  const { customer } = await subscribed();
  const charge = await chargeOf(customer);
  const dispute = fake.disputes.open(charge);
  await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({
    code: 'charge_disputed',
  });
  fake.disputes.close(dispute.id, 'lost');
  expect((await stripe.disputes.retrieve(dispute.id)).status).toBe('lost');
  expect(count('charge.dispute.closed')).toBe(1);
});

test('a customer who is deleted leaves nothing that is paid for', async () => {
  const { id, customer } = await subscribed();
  await stripe.customers.del(idOf(customer));
  expect(await statusOf(id)).toBe('canceled');
  expect(await stripe.customers.retrieve(idOf(customer))).toMatchObject({ deleted: true });
  expect(typesSince().slice(-2)).toEqual(['customer.subscription.deleted', 'customer.deleted']);
});

async function begun(trial?: number): Promise<{ session: Stripe.Checkout.Session }> {
  const customer = await stripe.customers.create({ email: 'c@example.com' });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: await priceId('pro_month'), quantity: 1 }],
    success_url: 'http://localhost/ok',
    ...(trial !== undefined && { subscription_data: { trial_period_days: trial } }),
  });
  return { session };
}

async function subscribed({ trial }: { trial?: number } = {}): Promise<Stripe.Subscription> {
  const { session } = await begun(trial);
  return stripe.subscriptions.retrieve(idOf(fake.pay(session.id).subscription));
}

async function chargeOf(customer: Stripe.Subscription['customer']): Promise<string> {
  const { data } = await stripe.charges.list({ customer: idOf(customer) });
  return data[0]?.id ?? '';
}

async function priceId(lookupKey: string): Promise<string> {
  const { data } = await stripe.prices.list({ lookup_keys: [lookupKey] });
  return data[0]?.id ?? '';
}

async function statusOf(id: string): Promise<string> {
  return (await stripe.subscriptions.retrieve(id)).status;
}

function typesSince(): string[] {
  return fake.events.slice(seen).map(({ type }) => type);
}

function count(type: string): number {
  return typesSince().filter((candidate) => candidate === type).length;
}
