// Events that never come: Stripe is asked, an hour after something must have changed.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { catchUp } from '#app/domains/billing/catch-up.ts';
import { createLog } from '#app/log.ts';
import { testSealing } from '../support/sealing.ts';
import { startService, testSettings } from '../support/service.ts';
import { stripeEnvironment, useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  select,
  sessionOf,
  type Subscriber,
} from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const lines: Record<string, unknown>[] = [];
const log = createLog(
  { LOG_LEVEL: 'warn' },
  { write: (line) => void lines.push(JSON.parse(line)) },
);
let database: Database;

beforeAll(async () => {
  const settings = { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 4 };
  database = await openDatabase({ settings, sealing: testSealing });
});
afterAll(() => database.close());
beforeEach(() => void (lines.length = 0));

const settings = () => testSettings(billing.service.database, stripeEnvironment(billing.stripe));
const catchUpNow = () =>
  catchUp({ settings: settings(), log, database, stripe: () => clientOf(billing) });

/** Lets what the service knows of a subscription be as old as is said, and everything else as it is. */
async function age({ accountId }: Subscriber, change: string): Promise<void> {
  await select(
    billing,
    `UPDATE billing_subscriptions SET ${change} WHERE account_id = ?`,
    accountId,
  );
}
const overTwoHours = 'current_period_end = UTC_TIMESTAMP(3) - INTERVAL 2 HOUR';

async function endUnheard(subscriber: Subscriber): Promise<void> {
  await subscriber.subscribe();
  billing.stripe.webhooks.drop(1, 'customer.subscription.deleted');
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  await allProcessed(billing);
}

async function readsOf(id: string): Promise<number> {
  await catchUpNow();
  return billing.stripe.requests.filter(({ path }) => path.endsWith(`/${id}`)).length;
}

test('a service ends what has ended at Stripe, though the event was lost, and says so', async () => {
  const subscriber = await newSubscriber(billing);
  await endUnheard(subscriber);
  expect(await subscriber.rows('billing_subscriptions')).not.toMatchObject([
    { status: 'canceled' },
  ]);
  await age(subscriber, overTwoHours);

  const another = await startService(billing.service.database, stripeEnvironment(billing.stripe));
  await expect
    .poll(() => subscriber.rows('billing_subscriptions'), { timeout: 20_000 })
    .toMatchObject([{ status: 'canceled' }]);
  await another.stop();
  expect(another.log).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      stripeSubscriptionId: subscriber.stripeId(),
      now: 'canceled',
    }),
  );
});

test('one that was to end by itself is read anew although its period goes on', async () => {
  const subscriber = await newSubscriber(billing);
  await endUnheard(subscriber);
  await age(subscriber, 'cancel_at = UTC_TIMESTAMP(3) - INTERVAL 2 HOUR');
  await catchUpNow();
  expect(await subscriber.rows('billing_subscriptions')).toMatchObject([{ status: 'canceled' }]);
});

test('who has paid has the plan, though no event told of it', async () => {
  const subscriber = await newSubscriber(billing);
  const { body } = await subscriber.checkout();
  billing.stripe.webhooks.drop(100);
  billing.stripe.pay(sessionOf(body));
  billing.stripe.webhooks.drop(0);
  await catchUpNow();
  expect(await subscriber.rows('billing_subscriptions')).toEqual([]);

  await select(
    billing,
    'UPDATE billing_checkouts SET created_at = UTC_TIMESTAMP(3) - INTERVAL 2 HOUR WHERE account_id = ?',
    subscriber.accountId,
  );
  await catchUpNow();
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([{ state: 'completed' }]);
  expect(await subscriber.rows('billing_subscriptions')).toMatchObject([
    { price_lookup_key: 'pro_month' },
  ]);
});

test('Stripe is asked for nothing that can be as it was', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe();
  const id = subscriber.stripeId();
  const before = await readsOf(id);
  await age(subscriber, 'current_period_end = UTC_TIMESTAMP(3) - INTERVAL 30 MINUTE');
  expect(await readsOf(id)).toBe(before);
  await age(subscriber, `status = 'canceled', ${overTwoHours}`);
  expect(await readsOf(id)).toBe(before);
  await age(subscriber, `status = 'active'`);
  expect(await readsOf(id)).toBeGreaterThan(before);
});

test('one that cannot be read is an alarm, and keeps no other from being read', async () => {
  const subscribers = [await newSubscriber(billing), await newSubscriber(billing)];
  for (const each of subscribers) {
    await endUnheard(each);
    await age(each, overTwoHours);
  }
  const [first, second] = subscribers.toSorted((one, other) =>
    one.stripeId() < other.stripeId() ? -1 : 1,
  );
  const items = billing.stripe.objects.subscriptions.get(first?.stripeId() ?? '')?.items;
  const data = items?.data.splice(0) ?? [];
  await catchUpNow();
  items?.data.push(...data);
  expect(await second?.rows('billing_subscriptions')).toMatchObject([{ status: 'canceled' }]);
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', id: first?.stripeId(), reason: expect.any(String) }),
  );
});

test('while Stripe is away nothing is written, and one request is enough to see it', async () => {
  const subscribers = [await newSubscriber(billing), await newSubscriber(billing)];
  for (const each of subscribers) {
    await endUnheard(each);
    await age(each, overTwoHours);
  }
  const before = billing.stripe.requests.length;
  billing.stripe.fail({ method: 'GET', path: '/v1/', times: 100, with: 503 });
  await expect(catchUpNow()).rejects.toMatchObject({ statusCode: 503 });
  billing.stripe.heal();
  expect(billing.stripe.requests.length - before).toBe(1);
  for (const each of subscribers) {
    expect(await each.rows('billing_subscriptions')).not.toMatchObject([{ status: 'canceled' }]);
  }
});
