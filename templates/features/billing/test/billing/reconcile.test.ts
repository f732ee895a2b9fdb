import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import type { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { addUser } from '#app/domains/auth/account/add-user.ts';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { idOf } from '#app/domains/billing/references.ts';
import { reconcile } from '#app/domains/billing/reconcile.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import { createLog } from '#app/log.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;
let fake: FakeStripe;
let stripe: Stripe;
const log = createLog({ LOG_LEVEL: 'silent' });
const prices = pricesOf(plans);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 },
    sealing: testSealing,
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  fake = await startFakeStripe({ prices });
  stripe = stripeClient({ STRIPE_SECRET_KEY: fake.secretKey, STRIPE_API_BASE: fake.url });
  await testDatabase.connection.query('DELETE FROM billing_subscriptions');
});
afterEach(() => fake.close());

const compare = () => reconcile({ database, stripe, log });
const repair = (at = stripe) =>
  reconcile({ database, stripe: at, log }, { repair: 'operator:ann' });

async function makeAccount(): Promise<string> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const { user } = await database.transaction((tx) =>
    addUser(tx, { email, passwordHash: '-', isVerified: true }),
  );
  return user.accountId;
}

/** Subscribes at Stripe, whose events reach nobody. */
async function subscribeAt(
  client: Stripe,
  { accountId, lookupKey = prices[0]?.lookupKey }: { accountId?: string; lookupKey?: string } = {},
): Promise<{ id: string; customer: string }> {
  const { id: customer } = await client.customers.create({
    email: 'ann@example.com',
    ...(accountId !== undefined && { metadata: { account_id: accountId } }),
  });
  const { data } = await client.prices.list({ lookup_keys: [lookupKey ?? ''] });
  const session = await client.checkout.sessions.create({
    mode: 'subscription',
    customer,
    line_items: [{ price: data[0]?.id ?? '', quantity: 1 }],
    success_url: 'http://localhost/paid',
  });
  return { id: idOf(fake.pay(session.id).subscription) ?? '', customer };
}

async function subscribe(accountId?: string) {
  const owner = accountId ?? (await makeAccount());
  return { accountId: owner, ...(await subscribeAt(stripe, { accountId: owner })) };
}

async function rows(statement: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const [found] = await testDatabase.connection.query<RowDataPacket[]>(statement, values);
  return found;
}
const rowsOf = (id: string) =>
  rows('SELECT * FROM billing_subscriptions WHERE stripe_subscription_id = ?', [id]);

test('what is the same here and at Stripe is no drift', async () => {
  await subscribe();
  await repair();
  expect(await compare()).toEqual({ compared: 1, drift: [] });
});

test('a subscription that no event has told of is found, and written only where that is wanted', async () => {
  const { id, accountId, customer } = await subscribe();
  expect((await compare()).drift).toMatchObject([
    { kind: 'no_account', stripeSubscriptionId: id, accountId: null, repaired: false },
  ]);
  await testDatabase.connection.query(
    'INSERT INTO billing_customers (account_id, stripe_customer_id) VALUES (?, ?)',
    [accountId, customer],
  );
  expect((await compare()).drift).toMatchObject([{ kind: 'unknown_here', accountId }]);
  expect(await rowsOf(id)).toEqual([]);

  expect((await repair()).drift).toMatchObject([{ kind: 'unknown_here', repaired: true }]);
  expect(await rowsOf(id)).toMatchObject([
    { account_id: accountId, status: 'active', price_lookup_key: prices[0]?.lookupKey },
  ]);
  expect(
    await rows('SELECT actor, action FROM audit_log WHERE subject = ?', [`subscription:${id}`]),
  ).toEqual([{ actor: 'operator:ann', action: 'billing.subscription_reconciled' }]);
});

test('a customer whom Stripe says to be an account’s is linked to it by the repair', async () => {
  const { id, accountId } = await subscribe();
  expect((await repair()).drift).toMatchObject([{ kind: 'no_account', repaired: true }]);
  expect(await rowsOf(id)).toMatchObject([{ account_id: accountId }]);
});

test('what differs is said field by field, and is as at Stripe when it is repaired', async () => {
  const { id, accountId } = await subscribe();
  await repair();
  await testDatabase.connection.query(
    `UPDATE billing_subscriptions SET status = 'past_due', price_lookup_key = NULL, price_plan = NULL, quantity = 3,
       current_period_end = '2020-01-01' WHERE stripe_subscription_id = ?`,
    [id],
  );
  const { drift } = await compare();
  expect(drift).toMatchObject([{ kind: 'differs', accountId, repaired: false }]);
  expect(drift[0]?.differences).toEqual([
    { field: 'status', here: 'past_due', there: 'active' },
    { field: 'plan', here: null, there: prices[0]?.plan },
    { field: 'quantity', here: 3, there: 1 },
    {
      field: 'currentPeriodEnd',
      here: '2020-01-01T00:00:00.000Z',
      there: expect.stringMatching(/Z$/),
    },
  ]);
  expect((await repair()).drift).toMatchObject([{ repaired: true }]);
  expect(await rowsOf(id)).toMatchObject([{ status: 'active', quantity: 1 }]);
  expect((await compare()).drift).toEqual([]);
});

test('what Stripe does not know is found, and ended by the repair', async () => {
  const { id, accountId } = await subscribe();
  await repair();
  const lost = await addRow(accountId);
  expect((await compare()).drift).toMatchObject([
    { kind: 'missing_there', stripeSubscriptionId: lost, repaired: false },
  ]);
  expect((await repair()).drift).toMatchObject([{ kind: 'missing_there', repaired: true }]);
  expect(await rowsOf(lost)).toMatchObject([{ status: 'canceled' }]);
  expect(await rowsOf(id)).toMatchObject([{ status: 'active' }]);
});

async function addRow(accountId: string): Promise<string> {
  const id = `sub_${newId()}`;
  await testDatabase.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status,
       stripe_price_id, quantity, current_period_end)
     VALUES (?, ?, ?, 'active', 'price_1', 1, UTC_TIMESTAMP(3))`,
    [accountId, newId(), id],
  );
  return id;
}

test('with the key of another account nothing is repaired: all would be ended', async () => {
  const { id } = await subscribe();
  await repair();
  const other = await startFakeStripe();
  const elsewhere = stripeClient({
    STRIPE_SECRET_KEY: other.secretKey,
    STRIPE_API_BASE: other.url,
  });
  expect((await repair(elsewhere)).drift).toMatchObject([
    { kind: 'missing_there', repaired: false, problem: expect.stringContaining('another account') },
  ]);
  expect(await rowsOf(id)).toMatchObject([{ status: 'active' }]);
  await other.close();
});

test('a plan’s subscription whose customer no account has is said, and cannot be repaired', async () => {
  const { id } = await subscribeAt(stripe);
  expect((await repair()).drift).toMatchObject([
    { kind: 'no_account', stripeSubscriptionId: id, accountId: null, repaired: false },
  ]);
});

test('what else is sold at Stripe, and what ended before it was heard of, is no drift', async () => {
  fake.addPrice({
    lookupKey: 'a_magazine',
    unitAmount: 500,
    currency: 'usd',
    interval: 'month',
    productName: 'A magazine',
  });
  await subscribeAt(stripe, { lookupKey: 'a_magazine' });
  const { id } = await subscribe();
  fake.subscriptions.cancel(id);
  expect((await compare()).drift).toEqual([]);
});

test('every page is looked at, on both sides', async () => {
  const { id, accountId } = await subscribe();
  await repair();
  const subscription = await stripe.subscriptions.retrieve(id);
  for (let count = 0; count < 4; count += 1) {
    const copy = { ...subscription, id: `sub_copy${count}`, status: 'canceled' as const };
    fake.objects.subscriptions.set(copy.id, copy);
  }
  const lost: string[] = [];
  for (let count = 0; count < 3; count += 1) lost.push(await addRow(accountId));
  await testDatabase.connection.query(
    `UPDATE billing_subscriptions SET quantity = 9 WHERE stripe_subscription_id = ?`,
    [id],
  );
  const progress: number[] = [];
  const { compared, drift } = await reconcile(
    { database, stripe, log },
    { onProgress: (count) => progress.push(count), batch: 2 },
  );
  expect(compared).toBe(5 + lost.length);
  expect(progress).toEqual([2, 4, 5]);
  expect(drift.map(({ stripeSubscriptionId }) => stripeSubscriptionId)).toEqual([
    id,
    ...lost.toSorted(),
  ]);
});

test('what an event has written since the list was read is no drift', async () => {
  const { id } = await subscribe();
  await repair();
  const before = await stripe.subscriptions.retrieve(id);
  const list = async () => ({ data: [{ ...before, status: 'past_due' }], has_more: false });
  const retrieve = () => stripe.subscriptions.retrieve(id);
  const late = { subscriptions: { list, retrieve } } as unknown as Stripe;
  expect(await reconcile({ database, stripe: late, log })).toEqual({ compared: 1, drift: [] });
});
