import { beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { syncCheckout } from '#app/domains/billing/checkout-sync.ts';
import { lockCustomer } from '#app/domains/billing/customers.ts';
import { pruneRequests } from '#app/domains/billing/requests.ts';
import { createLog } from '#app/log.ts';
import { testSealing } from '../support/sealing.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  select,
  subscribeAtStripe,
  tellAgain,
  type Subscriber,
} from './support/subscriber.ts';
import { mailTo } from '../support/sent-mail.ts';

const billing = useBilling({}, { prices: planPrices });

let subscriber: Subscriber;
beforeEach(async () => {
  billing.stripe.heal();
  subscriber = await newSubscriber(billing);
});

test('the events of a customer that is none of ours have no effect', async () => {
  for (const account of ['00000000-0000-4000-8000-000000000000', '🔑']) {
    const { id } = await clientOf(billing).customers.create({ metadata: { account_id: account } });
    await subscribeAtStripe(billing, id, 'pro_year');
  }
  expect(await select(billing, 'SELECT * FROM billing_subscriptions')).toEqual([]);
});

test('a customer that Stripe made unheard is not made again', async () => {
  billing.stripe.fail({ path: '/v1/customers', method: 'POST', with: 'lost', times: 2 });
  const { status, body } = await subscriber.checkout();
  expect([status, body.code]).toEqual([503, 'stripe_unavailable']);
  expect((await subscriber.checkout()).status).toBe(200);
  expect(subscriber.customers().map(({ id }) => id)).toEqual([await subscriber.customerId()]);
});

test.for([500, 'broken'] as const)(
  'a customer that Stripe failed at (%s) is made once, the next time',
  async (failure) => {
    billing.stripe.fail({ path: '/v1/customers', method: 'POST', with: failure });
    const { status, body } = await subscriber.checkout();
    expect([status, body.code]).toEqual([503, 'stripe_unavailable']);
    expect((await subscriber.checkout()).status).toBe(200);
    expect(subscriber.customers().map(({ id }) => id)).toEqual([await subscriber.customerId()]);
  },
);

test('a customer that no row names is linked by the first event of it', async () => {
  const { accountId, email } = subscriber;
  const customer = await clientOf(billing).customers.create({
    email,
    metadata: { account_id: accountId },
  });
  await subscribeAtStripe(billing, customer.id, 'pro_year');
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'active' });
  expect(await subscriber.customerId()).toBe(customer.id);
});

test('an account keeps its customer when another names the account, too', async () => {
  await subscriber.checkout();
  const known = await subscriber.customerId();
  const other = await clientOf(billing).customers.create({
    metadata: { account_id: subscriber.accountId },
  });
  await subscribeAtStripe(billing, other.id, 'pro_year');
  expect(await subscriber.customerId()).toBe(known);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free' });
});

test('a customer who was deleted at Stripe is made anew for the next checkout', async () => {
  await subscriber.subscribe();
  const before = await subscriber.customerId();
  billing.stripe.customers.delete(before);
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free' });

  const { body: page } = await subscriber.checkout();
  const second = await subscriber.customerId();
  expect(second).not.toBe(before);
  // Nobody can pay on a page whose customer is gone.
  billing.stripe.customers.delete(second);
  await allProcessed(billing);
  expect((await subscriber.checkout()).body.id).not.toBe(page.id);
});

test('with the key of another account of Stripe, nobody is made a customer anew', async () => {
  await subscriber.subscribe();
  const known = await subscriber.customerId();
  const customer = billing.stripe.objects.customers.get(known);
  const others = billing.stripe.objects.customers.size;
  // As from an account that has never had it.
  billing.stripe.objects.customers.delete(known);
  const { status, body } = await subscriber.post('/v1/billing/portal');
  expect([status, body.code]).toEqual([503, 'billing_not_configured']);
  expect(await subscriber.customerId()).toBe(known);
  expect(billing.stripe.objects.customers.size).toBe(others - 1);
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({ level: 'error', stripeCustomerId: known }),
  );
  if (customer !== undefined) billing.stripe.objects.customers.set(known, customer);
  expect((await subscriber.post('/v1/billing/portal')).status).toBe(200);
});

test('with the key of another account of Stripe, no event is done with', async () => {
  await subscriber.checkout();
  const customer = await subscriber.customerId();
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  const log = createLog({ LOG_LEVEL: 'silent' });
  const heard = (work: (context: Parameters<typeof lockCustomer>[0]) => Promise<unknown>) =>
    database.transaction((tx) => work({ tx, log, stripe: clientOf(billing) }));
  const missing = { code: 'resource_missing' };
  await expect(heard((context) => lockCustomer(context, 'cus_x'))).rejects.toMatchObject(missing);
  await expect(
    heard((context) => syncCheckout(context, { id: 'cs_x', customer })),
  ).rejects.toMatchObject(missing);
  await database.close();
});

test('what is heard of a customer that was replaced still belongs to its account', async () => {
  await subscriber.subscribe();
  // The trial is over then, and something was paid.
  billing.stripe.advance({ days: 20 });
  await allProcessed(billing);
  const before = await subscriber.customerId();
  const { data } = await clientOf(billing).charges.list({ customer: before });
  billing.stripe.webhooks.hold();
  billing.stripe.customers.delete(before);
  expect((await subscriber.post('/v1/billing/portal')).status).toBe(200);
  expect(await subscriber.customerId()).not.toBe(before);

  billing.stripe.webhooks.release();
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free' });
  billing.stripe.refunds.create(data[0]?.id ?? '', 100);
  await allProcessed(billing);
  expect(await subscriber.rows('billing_refunds')).toMatchObject([{ amount: 100 }]);
  // And leaves alone what is paid for as another one.
  const { body: page } = await subscriber.checkout();
  await tellAgain(billing, 'customer.deleted', before);
  expect((await subscriber.checkout()).body).toEqual(page);
});

test('of two subscriptions that were made at Stripe, the newest that is live counts', async () => {
  await subscriber.subscribe();
  billing.stripe.advance({ hours: 1 });
  await subscribeAtStripe(billing, await subscriber.customerId(), 'team_month');
  expect(await subscriber.subscription()).toMatchObject({ plan: 'team' });
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      accountId: subscriber.accountId,
      msg: 'an account pays for more than one subscription',
    }),
  );
});

test('requests are kept for as long as Stripe knows of them, and then removed', async () => {
  const { accountId } = subscriber;
  const ids = [newId(), newId()];
  for (const [index, id] of ids.entries()) {
    await select(
      billing,
      `INSERT INTO billing_requests (account_id, id, kind, created_at)
       VALUES (?, ?, 'portal', UTC_TIMESTAMP(3) - INTERVAL ? DAY)`,
      accountId,
      id,
      34 + 2 * index,
    );
  }
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  await pruneRequests(database);
  await database.close();
  expect((await subscriber.rows('billing_requests')).map(({ id }) => id)).toEqual([ids[0]]);
});

test('mails go to the oldest user whose address is verified', async () => {
  const { accountId } = subscriber;
  const addUser = (name: string, createdAt: string, verifiedAt: string | null) =>
    select(
      billing,
      `INSERT INTO users (id, account_id, email, created_at, email_verified_at, password_hash)
       VALUES (?, ?, ?, ?, ?, 'none')`,
      newId(),
      accountId,
      `${name}-${accountId}@example.com`,
      createdAt,
      verifiedAt,
    );
  await addUser('unverified', '2026-01-01', null);
  await addUser('younger', '2026-01-03', '2026-01-03');
  await addUser('older', '2026-01-02', '2026-01-04');
  await subscriber.subscribe();
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  await allProcessed(billing);
  const mail = await mailTo(billing.service.mailFolder, `older-${accountId}@example.com`);
  expect(mail.subject).toMatch(/ended/);
});
