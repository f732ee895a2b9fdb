// What becomes of a request that Stripe fails at or refuses, and under which key each is made.
import { beforeEach, expect, test } from 'vitest';
import { useBilling } from './support/billing.ts';
import { newSubscriber, planPrices, sessionOf, type Subscriber } from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });

let subscriber: Subscriber;
beforeEach(async () => {
  billing.stripe.heal();
  subscriber = await newSubscriber(billing);
});

const yearly = { plan: 'pro', interval: 'year' };

test.for([500, 'broken'] as const)(
  'a page that Stripe failed at (%s) is made once, the next time',
  async (failure) => {
    billing.stripe.fail({ path: '/v1/checkout/sessions', method: 'POST', with: failure });
    expect((await subscriber.checkout()).body).toMatchObject({ code: 'stripe_unavailable' });
    const { body } = await subscriber.checkout();
    expect(subscriber.sessions().map(({ id }) => id)).toEqual([sessionOf(body)]);
  },
);

test('a page that Stripe failed to close is closed the next time', async () => {
  await subscriber.checkout();
  const [first] = subscriber.sessions();
  billing.stripe.fail({ path: `/v1/checkout/sessions/${first?.id}/expire`, with: 500 });
  expect((await subscriber.checkout(yearly)).body).toMatchObject({ code: 'stripe_unavailable' });
  const { body } = await subscriber.checkout(yearly);
  const open = subscriber.sessions().filter(({ status }) => status === 'open');
  expect(open.map(({ id }) => id)).toEqual([sessionOf(body)]);
});

test('a portal that was not set up at Stripe is told to whoever runs the service', async () => {
  billing.stripe.portal.remove(true);
  const { status, body } = await subscriber.post('/v1/billing/portal');
  billing.stripe.portal.remove(false);
  expect([status, body.code]).toEqual([503, 'billing_not_configured']);
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({ level: 'error', msg: expect.stringContaining('customer portal') }),
  );
});

test('a key that lacks a permission is told to whoever runs the service', async () => {
  billing.stripe.fail({ path: '/v1/checkout/sessions', method: 'POST', with: 403 });
  const { status, body } = await subscriber.checkout();
  expect([status, body.code]).toEqual([503, 'billing_not_configured']);
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      path: '/v1/checkout/sessions',
      msg: 'STRIPE_SECRET_KEY lacks a permission at Stripe for this',
    }),
  );
  // What was refused so is not kept: the same key has its effect once it may.
  expect((await subscriber.checkout()).status).toBe(200);
});

test('the words of Stripe do not reach the log', async () => {
  await subscriber.post('/v1/billing/portal');
  const { prices } = billing.stripe.objects;
  const [id = '', price] = [...prices].find(([, each]) => each.lookup_key === 'pro_month') ?? [];
  await subscriber.checkout();
  prices.delete(id);
  const other = await newSubscriber(billing);
  expect((await other.checkout()).status).toBe(500);
  if (price !== undefined) prices.set(id, price);
  const said = JSON.stringify(billing.service.log);
  expect(said).toContain('Stripe refused a request (400');
  expect(said).not.toContain('No such price');
  expect((await other.checkout()).status).toBe(200);
});

// Refunds are asked for by nobody over HTTP: that theirs has one, too, is in refund-requests.test.ts.
test('every write to Stripe has the key of a row', async () => {
  const before = billing.stripe.requests.length;
  await subscriber.checkout(yearly);
  await subscriber.subscribe();
  await subscriber.post('/v1/billing/portal');
  await subscriber.post('/v1/billing/subscription/cancel');
  await subscriber.post('/v1/billing/subscription/resume');
  await subscriber.post('/v1/billing/subscription/change', yearly);
  const ids = [
    ...(await subscriber.rows('billing_requests')),
    ...(await subscriber.rows('billing_checkouts')),
  ].map(({ id }) => String(id));
  const writes = billing.stripe.requests.slice(before).filter(({ method }) => method === 'POST');
  // The customer, two pages and one that is closed, the portal, and three acts.
  expect(writes).toHaveLength(8);
  const isOfRow = (key: string | null) => key !== null && ids.some((id) => key.includes(id));
  expect(writes.filter(({ idempotencyKey }) => !isOfRow(idempotencyKey))).toEqual([]);
});
