// Events come late, twice and in any order, and two processes may take them at once. The state that
// they leave is the one that Stripe has.
import type { RowDataPacket } from 'mysql2/promise';
import type { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import { syncSubscription } from '#app/domains/billing/subscriptions/sync.ts';
import { createLog } from '#app/log.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { testSealing } from '../support/sealing.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  select,
  sessionOf,
  tellAgain,
  type Subscriber,
} from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const log = createLog({ LOG_LEVEL: 'info' }, { write: () => {} });
const team = { plan: 'team', interval: 'month', quantity: 1 };

let database: Database;
let stripe: Stripe;

beforeAll(async () => {
  stripe = clientOf(billing);
  database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 4 },
    sealing: testSealing,
  });
});
afterAll(() => database.close());

/** How many there are, on their way and arrived. */
const mailsSent = () => select(billing, 'SELECT COUNT(*) AS count FROM outbox');

/** Has as many seats bought, one change after the other. */
async function changeSeats(subscriber: Subscriber, counts: readonly number[]): Promise<void> {
  const id = subscriber.stripeId();
  const item = billing.stripe.objects.subscriptions.get(id)?.items.data[0];
  for (const quantity of counts) {
    await stripe.subscriptions.update(id, { items: [{ id: item?.id ?? '', quantity }] });
  }
}

test.for([1, 2, 3])(
  'W6: a life of changes ends in one state, in whatever order it is told: %s',
  async (seed) => {
    const subscriber = await newSubscriber(billing);
    const { body } = await subscriber.checkout(team);
    billing.stripe.webhooks.duplicate(2);
    billing.stripe.webhooks.hold();
    billing.stripe.pay(sessionOf(body));
    await changeSeats(subscriber, [2, 5, 3, 4]);
    await stripe.subscriptions.update(subscriber.stripeId(), { cancel_at_period_end: true });
    billing.stripe.subscriptions.cancel(subscriber.stripeId());
    billing.stripe.webhooks.release(seed);
    billing.stripe.webhooks.duplicate(1);
    await allProcessed(billing);

    expect(await subscriber.rows('billing_subscriptions')).toEqual([
      expect.objectContaining({
        stripe_subscription_id: subscriber.stripeId(),
        status: 'canceled',
        price_lookup_key: 'team_month',
        quantity: 4,
        cancel_at: null,
        ended_at: expect.any(Date),
        past_due_since: null,
      }),
    ]);
    expect(await subscriber.rows('billing_checkouts')).toMatchObject([{ state: 'completed' }]);
    const mail = await mailTo(billing.service.mailFolder, subscriber.email, 2);
    expect(mail.subject).toMatch(/ended/);
  },
);

test('a trial that ends soon is told of once, though two events tell of it', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe();
  billing.stripe.advance({ days: 12 });
  await allProcessed(billing);
  const sent = await mailsSent();
  await tellAgain(billing, 'customer.subscription.trial_will_end', subscriber.stripeId());
  expect(await mailsSent()).toEqual(sent);
  // The first is the one that verifies the address.
  const mail = await mailTo(billing.service.mailFolder, subscriber.email, 2);
  expect(mail.subject).toMatch(/trial/);
  expect(mail.text).toContain('Pro');
});

test('an end is told of once, though two events tell of it', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe();
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  await allProcessed(billing);
  const sent = await mailsSent();
  await tellAgain(billing, 'customer.subscription.deleted', subscriber.stripeId());
  expect(await mailsSent()).toEqual(sent);
  const mail = await mailTo(billing.service.mailFolder, subscriber.email, 2);
  expect(mail.subject).toMatch(/ended/);
  expect(mail.text).toContain('Pro');
});

test('W6: changes that are told while others are made leave the last of them', async () => {
  const subscribers = await Promise.all(Array.from({ length: 2 }, () => newSubscriber(billing)));
  for (const subscriber of subscribers) await subscriber.subscribe(team);
  billing.stripe.webhooks.duplicate(3);
  await Promise.all(subscribers.map((subscriber) => changeSeats(subscriber, [2, 5, 3, 4])));
  billing.stripe.webhooks.duplicate(1);
  await allProcessed(billing);
  for (const subscriber of subscribers) {
    expect(await subscriber.subscription()).toMatchObject({ status: 'trialing', quantity: 4 });
  }
});

test('W6: what was read before another wrote is never written after it', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe(team);
  const id = subscriber.stripeId();
  const slow = Promise.withResolvers<void>();
  const first = watched(slow.promise);
  const sync = (client: Stripe) =>
    database.transaction((tx) => syncSubscription({ tx, log, stripe: client }, id));

  const older = sync(first.client);
  await first.read;
  billing.stripe.webhooks.hold();
  await changeSeats(subscriber, [7]);
  const newer = sync(stripe);
  // It either ends now, which is too early, or waits for the lock that the first one has.
  await Promise.race([newer, waitsForLock()]);
  slow.resolve();
  await Promise.all([older, newer]);
  expect(await subscriber.subscription()).toMatchObject({ quantity: 7 });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
});

test('a subscription that Stripe does not know is an error, and never ends it', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe(team);
  const id = subscriber.stripeId();
  const before = await subscriber.subscription();
  const other = await startFakeStripe();
  onTestFinished(() => other.close());
  const elsewhere = stripeClient({
    STRIPE_SECRET_KEY: other.secretKey,
    STRIPE_API_BASE: other.url,
  });
  const sync = database.transaction((tx) => syncSubscription({ tx, log, stripe: elsewhere }, id));
  await expect(sync).rejects.toMatchObject({ code: 'resource_missing' });
  expect(await subscriber.subscription()).toEqual(before);

  await select(
    billing,
    'UPDATE billing_subscriptions SET stripe_subscription_id = ? WHERE stripe_subscription_id = ?',
    `${id}elsewhere`,
    id,
  );
  expect((await subscriber.post('/v1/billing/subscription/cancel')).body).toMatchObject({
    status: 503,
    code: 'billing_not_configured',
  });
  expect(await subscriber.subscription()).toEqual(before);
});

/** A client that says when it has read a subscription, and gives it away when it may. */
function watched(mayGive: Promise<void>) {
  const read = Promise.withResolvers<void>();
  const retrieve: Stripe['subscriptions']['retrieve'] = async (id) => {
    const subscription = await stripe.subscriptions.retrieve(id);
    read.resolve();
    await mayGive;
    return subscription;
  };
  const client: Stripe = Object.assign(Object.create(stripe), { subscriptions: { retrieve } });
  return { client, read: read.promise };
}

async function waitsForLock(): Promise<void> {
  await expect.poll(lockWaits, { timeout: 10_000 }).toBe(1);
}

async function lockWaits(): Promise<unknown> {
  const [rows] = await billing.service.database.connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS count FROM information_schema.processlist
     WHERE db = DATABASE() AND info LIKE '%billing_customers%for update'`,
  );
  return rows[0]?.['count'];
}
