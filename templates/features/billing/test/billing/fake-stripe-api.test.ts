import type { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { parseForm } from '../../dev/stripe/api/params.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { idOf } from '../../dev/stripe/state.ts';
import { clientOf } from './support/fake-client.ts';
import { prices } from './support/prices.ts';

let fake: FakeStripe;
let stripe: Stripe;
const noRetry = { maxNetworkRetries: 0 };

beforeAll(async () => {
  fake = await startFakeStripe({ prices });
  stripe = clientOf(fake);
});
afterEach(() => {
  fake.heal();
  fake.slowDown(0);
});
afterAll(() => fake.close());

test('a checkout that is paid has a subscription, an invoice and a charge', async () => {
  const customer = await stripe.customers.create({
    email: 'a@example.com',
    metadata: { account: '1' },
  });
  const { data: found } = await stripe.prices.list({ lookup_keys: ['pro_month'], active: true });
  expect(found).toHaveLength(1);
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: found[0]?.id ?? '', quantity: 3 }],
    client_reference_id: 'acc',
    success_url: 'http://localhost/ok',
    subscription_data: { metadata: { account: '1' } },
  });
  fake.pay(session.id);

  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
  expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid' });
  expect(paid.subscription).toMatchObject({ status: 'active', metadata: { account: '1' } });
  const { data: invoices } = await stripe.invoices.list({
    customer: customer.id,
    expand: ['data.payments.data.payment.payment_intent.latest_charge'],
  });
  expect(invoices[0]).toMatchObject({
    status: 'paid',
    amount_paid: 6000,
    payments: {
      data: [{ payment: { payment_intent: { latest_charge: { amount: 6000, paid: true } } } }],
    },
  });
});

test('a key of idempotency has one effect, and the same answer each time', async () => {
  const options = { idempotencyKey: 'one' };
  const first = await stripe.customers.create({ email: 'a@example.com' }, options);
  const second = await stripe.customers.create({ email: 'a@example.com' }, options);
  expect(second.id).toBe(first.id);
  expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
  await expect(stripe.customers.create({ email: 'b@example.com' }, options)).rejects.toMatchObject({
    statusCode: 400,
    type: 'StripeIdempotencyError',
  });
});

test('a refusal is answered again, but not one of the parameters', async () => {
  const options = { idempotencyKey: 'refused', ...noRetry };
  const unknown = { customer: 'cus_unknown', ...checkout('price_unknown') };
  await expect(stripe.checkout.sessions.create(unknown, options)).rejects.toThrow(/No such price/);
  await expect(stripe.checkout.sessions.create(unknown, options)).rejects.toMatchObject({
    headers: { 'idempotent-replayed': 'true' },
  });
  const bad = { ...options, idempotencyKey: 'bad' };
  await expect(stripe.refunds.create({}, bad)).rejects.toMatchObject({ code: 'parameter_missing' });
  await expect(stripe.customers.create({}, bad)).resolves.toMatchObject({ object: 'customer' });
});

test('a failure is answered again, and what stands before it is not', async () => {
  const email = 'failed@example.com';
  const make = (idempotencyKey: string) =>
    stripe.customers.create({ email }, { idempotencyKey, ...noRetry });
  fake.fail({ path: '/v1/customers', method: 'POST', with: 500 });
  for (let time = 0; time < 2; time += 1) {
    await expect(make('failed')).rejects.toMatchObject({ statusCode: 500 });
  }
  expect((await stripe.customers.list({ email })).data).toEqual([]);
  for (const status of [403, 409, 429, 503] as const) {
    fake.fail({ path: '/v1/customers', method: 'POST', with: status });
    await expect(make(`${status}`)).rejects.toMatchObject({ statusCode: status });
    await expect(make(`${status}`)).resolves.toMatchObject({ email });
  }
});

test('a key that is in use is refused until its request is over', async () => {
  fake.slowDown(100);
  const options = { idempotencyKey: 'busy', ...noRetry };
  const both = await Promise.allSettled([
    stripe.customers.create({ email: 'c@example.com' }, options),
    stripe.customers.create({ email: 'c@example.com' }, options),
  ]);
  const refused = both.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { statusCode: 409 } }]);
});

test('a request whose answer was lost has its effect once', async () => {
  fake.fail({ path: '/v1/customers', with: 'lost' });
  const { id } = await stripe.customers.create({ email: 'lost@example.com' });
  const { data } = await stripe.customers.list({ email: 'lost@example.com' });
  expect(data.map((customer) => customer.id)).toEqual([id]);
  expect(fake.requests.filter(({ status }) => status === 'lost')).toHaveLength(1);
});

test.each([500, 429] as const)(
  'a request can be answered with %i, without effect',
  async (status) => {
    fake.fail({ path: '/v1/customers', method: 'POST', with: status });
    const email = `${status}@example.com`;
    await expect(stripe.customers.create({ email }, noRetry)).rejects.toMatchObject({
      statusCode: status,
    });
    expect((await stripe.customers.list({ email })).data).toEqual([]);
    await expect(stripe.customers.create({ email }, noRetry)).resolves.toMatchObject({ email });
  },
);

test('a request can remain without an answer', async () => {
  fake.fail({ with: 'timeout' });
  await expect(stripe.customers.list({}, { ...noRetry, timeout: 50 })).rejects.toMatchObject({
    type: 'StripeConnectionError',
  });
});

test('lists go on where the last page ended, the newest first', async () => {
  const made: string[] = [];
  for (const name of ['1', '2', '3', '4', '5']) {
    made.unshift((await stripe.customers.create({ name, email: 'page@example.com' })).id);
  }
  const page = await stripe.customers.list({ email: 'page@example.com', limit: 2 });
  expect(page.has_more).toBe(true);
  const all = stripe.customers.list({ email: 'page@example.com', limit: 2 });
  const ids = (await all.autoPagingToArray({ limit: 100 })).map(({ id }) => id);
  expect(ids).toEqual(made);
});

test('what cannot be expanded is refused', async () => {
  const { id } = await stripe.customers.create({});
  await expect(stripe.customers.retrieve(id, { expand: ['nonsense'] })).rejects.toMatchObject({
    statusCode: 400,
    param: 'expand',
  });
});

test('what is not there is refused: 404 in a path, 400 in a parameter', async () => {
  await expect(stripe.invoices.retrieve('in_unknown')).rejects.toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
  });
  await expect(
    stripe.checkout.sessions.create({ customer: 'cus_unknown', ...checkout(await anyPrice()) }),
  ).rejects.toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
});

test('another key is refused', async () => {
  const stranger = clientOf({ url: fake.url, webhookSecret: '', secretKey: 'sk_test_other' });
  await expect(stranger.customers.list()).rejects.toMatchObject({ statusCode: 401 });
});

test('metadata is merged, and removed by an empty value', async () => {
  const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
  const { metadata } = await stripe.customers.update(id, { metadata: { a: '', c: '3' } });
  expect(metadata).toEqual({ b: '2', c: '3' });
  const event = fake.events.at(-1);
  expect(event).toMatchObject({
    type: 'customer.updated',
    data: { previous_attributes: { metadata: { a: '1', b: '2' } } },
  });
});

test('each event can be read, and says which request made it', async () => {
  const options = { idempotencyKey: 'of-event' };
  const customer = await stripe.customers.create({ email: 'e@example.com' }, options);
  const { data } = await stripe.events.list({ type: 'customer.created', limit: 1 });
  expect(data[0]).toMatchObject({
    data: { object: { id: customer.id } },
    request: { id: customer.lastResponse.requestId, idempotency_key: 'of-event' },
  });
  expect(await stripe.events.retrieve(data[0]?.id ?? '')).toMatchObject({ id: data[0]?.id });
});

test('events are listed by when they were made', async () => {
  const type = 'product.created';
  const days = [100, 101, 102];
  for (const day of days) {
    await stripe.products.create({ name: String(day) });
    const event = fake.events.at(-1);
    if (event !== undefined) event.created = day;
  }
  for (const [created, found] of [
    [{ gt: 99, lt: 200 }, [102, 101, 100]],
    [{ gte: 101, lt: 200 }, [102, 101]],
    [{ lt: 101 }, [100]],
    [{ gt: 100, lte: 101 }, [101]],
    [102, [102]],
  ] as const) {
    const { data } = await stripe.events.list({ created, type });
    expect(data.map((event) => event.created)).toEqual(found);
  }
});

test('a price takes the lookup key of another one only if it says so', async () => {
  const { data } = await stripe.prices.list({ lookup_keys: ['pro_month'] });
  const price = {
    product: idOf(data[0]?.product),
    currency: 'usd',
    unit_amount: 3000,
    lookup_key: 'pro_month',
    recurring: { interval: 'month' as const },
  };
  await expect(stripe.prices.create(price)).rejects.toThrow(/already uses that lookup key/);
  const taken = await stripe.prices.create({ ...price, transfer_lookup_key: true });
  const { data: now } = await stripe.prices.list({ lookup_keys: ['pro_month'] });
  expect(now.map(({ id }) => id)).toEqual([taken.id]);
});

test('forms are read with their lists and objects', () => {
  expect(parseForm('a=1&b[c][d]=2&e[0]=x&e[1]=y&f[][g]=3&__proto__[h]=4')).toMatchObject({
    a: '1',
    b: { c: { d: '2' } },
    e: ['x', 'y'],
    f: [{ g: '3' }],
  });
  expect({}).not.toHaveProperty('h');
});

async function anyPrice(): Promise<string> {
  const { data } = await stripe.prices.list({ limit: 1 });
  return data[0]?.id ?? '';
}

function checkout(price: string): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: 'http://localhost/ok',
  };
}
