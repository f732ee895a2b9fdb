import { expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { logUnknownPlans } from '#app/domains/billing/subscriptions/unknown-plans.ts';
import { createLog } from '#app/log.ts';
import { testSealing } from '../support/sealing.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  subscribeAtStripe,
} from './support/subscriber.ts';
import { team, useSubscriber } from './support/use-subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const own = useSubscriber(billing);

test('who has subscribed to nothing has the free plan', async () => {
  expect(await own.subscriber.subscription()).toEqual({
    plan: 'free',
    subscribedPlan: null,
    status: null,
    interval: null,
    quantity: null,
    currentPeriodEnd: null,
    cancelAt: null,
    trialEnd: null,
    pastDueSince: null,
    graceEnd: null,
  });
  for (const name of ['cancel', 'resume'] as const) {
    expect((await own.act(name)).body).toMatchObject({ status: 409, code: 'not_subscribed' });
  }
  expect((await own.change(team)).body).toMatchObject({ status: 409, code: 'not_subscribed' });
});

test('cancelling ends it with the period, and the answer says so before any event', async () => {
  await own.subscriber.subscribe();
  billing.stripe.webhooks.hold();
  const { status, body } = await own.act('cancel');
  expect(status).toBe(200);
  expect(body).toMatchObject({ plan: 'pro', cancelAt: body.currentPeriodEnd });
  expect(own.atStripe()?.cancel_at_period_end).toBe(true);

  expect((await own.act('cancel')).body).toEqual(body);
  expect(own.updates()).toBe(1);
  billing.stripe.webhooks.release();
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toEqual(body);
});

test('what was cancelled can be taken back, and what was not stays as it is', async () => {
  await own.subscriber.subscribe();
  await own.act('cancel');
  expect((await own.act('resume')).body).toMatchObject({ status: 'trialing', cancelAt: null });
  expect((await own.act('resume')).body).toMatchObject({ status: 'trialing', cancelAt: null });
  expect(own.updates()).toBe(2);
  expect(await own.subscriber.rows('billing_requests')).toMatchObject([
    { kind: 'customer', done_at: expect.any(Date) },
    { kind: 'cancel', done_at: expect.any(Date) },
    { kind: 'resume', done_at: expect.any(Date) },
  ]);
});

test('a Stripe that fails is 503 here, and the request can be made again', async () => {
  await own.subscriber.subscribe();
  for (const status of [500, 429] as const) {
    billing.stripe.fail({ path: '/v1/subscriptions', method: 'POST', times: 2, with: status });
    const { body, headers } = await own.act('cancel');
    expect(body).toMatchObject({ status: 503, code: 'stripe_unavailable' });
    expect(headers.get('retry-after')).not.toBeNull();
    billing.stripe.heal();
  }
  expect((await own.act('cancel')).body).toMatchObject({ cancelAt: expect.any(String) });
});

test('what has ended at Stripe cannot be changed here, though nobody has told us', async () => {
  await own.subscriber.subscribe();
  billing.stripe.webhooks.hold();
  billing.stripe.subscriptions.cancel(own.subscriber.stripeId());
  for (const answer of [await own.act('resume'), await own.act('cancel'), await own.change(team)]) {
    expect(answer.body).toMatchObject({ status: 409, code: 'not_subscribed' });
  }
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'free', status: null });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
});

/** Has the row say so, as Stripe would have by another way. */
const setStatus = (status: string) =>
  billing.service.database.connection.query(
    'UPDATE billing_subscriptions SET status = ? WHERE account_id = ?',
    [status, own.subscriber.accountId],
  );

test('one that was never paid is none, and another may be begun', async () => {
  await own.subscribePaid();
  await setStatus('incomplete');
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'free', status: null });
  expect((await own.act('cancel')).body).toMatchObject({ status: 409, code: 'not_subscribed' });
  expect((await own.subscriber.checkout()).status).toBe(200);
});

test('of two that are live the same one is shown, counts, and is cancelled', async () => {
  await own.subscriber.subscribe(team);
  billing.stripe.advance({ hours: 1 });
  await subscribeAtStripe(billing, await own.subscriber.customerId(), 'pro_year');
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'pro', interval: 'year' });
  expect((await own.act('cancel')).body).toMatchObject({
    plan: 'pro',
    cancelAt: expect.any(String),
  });
  expect(own.atStripe()).toMatchObject({ cancel_at_period_end: false });
});

/** Sells something else to the subscriber, as from Stripe's dashboard. */
async function moveTo(price: { lookupKey: string; plan?: string }): Promise<string> {
  const { id } = billing.stripe.addPrice({
    unitAmount: 1,
    currency: 'usd',
    interval: 'month',
    productName: 'Something else',
    ...price,
  });
  const item = own.atStripe()?.items.data[0];
  await clientOf(billing).subscriptions.update(own.subscriber.stripeId(), {
    items: [{ id: item?.id ?? '', price: id }],
  });
  await allProcessed(billing);
  return id;
}

test('a price of no plan is told of in the log, and gives none', async () => {
  await own.subscriber.subscribe();
  const id = await moveTo({ lookupKey: 'of_no_plan' });
  expect(await own.subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: null,
    status: 'trialing',
  });
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      stripePriceId: id,
      msg: 'a subscription is for a price of no plan',
    }),
  );
});

test('a plan that only a newer version has is kept for that version, and said at the start', async () => {
  await own.subscriber.subscribe();
  const id = await moveTo({ lookupKey: 'ultra_month', plan: 'ultra' });
  expect(await own.subscriber.rows('billing_subscriptions')).toMatchObject([
    { price_lookup_key: 'ultra_month', price_plan: 'ultra' },
  ]);
  const lines: unknown[] = [];
  const log = createLog(
    { LOG_LEVEL: 'info' },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  await logUnknownPlans({ database, log });
  await database.close();
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', stripePriceId: id, subscriptions: 1 }),
  );
});

test('an account sees and changes its own subscription alone', async () => {
  await own.subscriber.subscribe();
  const other = await newSubscriber(billing);
  expect(await other.subscription()).toMatchObject({ plan: 'free' });
  for (const name of ['cancel', 'resume']) {
    expect((await other.post(`/v1/billing/subscription/${name}`)).status).toBe(409);
  }
  expect((await other.post('/v1/billing/subscription/change', team)).status).toBe(409);
  expect((await other.checkout()).status).toBe(200);
  expect(own.updates()).toBe(0);
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'pro', cancelAt: null });
});
