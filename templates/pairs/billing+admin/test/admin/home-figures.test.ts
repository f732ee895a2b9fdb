import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { revenueFigure } from '#app/domains/admin/pages/billing/revenue-figure.ts';
import { subscriptionsFigure } from '#app/domains/admin/pages/billing/subscriptions-figure.ts';
import { webhooksFigure } from '#app/domains/admin/pages/billing/webhooks-figure.ts';
import type { Services } from '#app/lifecycle.ts';
import { connect } from '../billing/support/inbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let testDatabase: TestDatabase;
let database: Database;
/** Figures read the database, and nothing else. */
let services: Services;
let account: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await connect(testDatabase.url);
  services = { database } as Services;
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  for (const table of ['refunds', 'payments', 'subscriptions']) {
    await testDatabase.connection.query(`DELETE FROM billing_${table}`);
  }
  await testDatabase.connection.query('DELETE FROM webhook_events');
  account = newId();
  await testDatabase.connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [
    account,
    'Ann',
  ]);
});

const insert = (table: string, row: Record<string, unknown>) =>
  testDatabase.connection.query('INSERT INTO ?? SET ?', [table, row]);

async function pay(paidAt: Date, amount: number, currency: string): Promise<string> {
  const id = newId();
  const row = { account_id: account, id, stripe_charge_id: `ch_${id}`, currency, amount };
  await insert('billing_payments', { ...row, paid_at: paidAt });
  return id;
}

const sendBack = (paymentId: string, amount: number, currency: string, at: Date) =>
  insert('billing_refunds', {
    account_id: account,
    id: newId(),
    payment_id: paymentId,
    currency,
    amount,
    reason: 'duplicate',
    status: 'succeeded',
    requested_by: 'stripe',
    created_at: at,
  });

const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000);
const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);

test('where nothing was paid there is no revenue', async () => {
  expect(await revenueFigure.load(services)).toMatchObject({ value: '0' });
});

test('the revenue is what was paid less what was sent back, this month and on each of 30 days', async () => {
  const today = new Date();
  const payment = await pay(today, 29_000, 'usd');
  await pay(dayBefore(29), 100_000, 'usd');
  await pay(dayBefore(29), 2050, 'usd');
  await pay(dayBefore(40), 500_000, 'usd');
  await sendBack(payment, 1050, 'usd', today);

  const { days = [] } = await revenueFigure.load(services);
  expect(days).toHaveLength(30);
  expect(days.at(-1)).toEqual({ day: dayOf(today), value: 279.5 });
  expect(days.at(0)).toEqual({ day: dayOf(dayBefore(29)), value: 1020.5 });
  const rest = days.slice(1, -1);
  expect(rest.every(({ value }) => value === 0)).toBe(true);
  expect(rest.map(({ day }) => day)).toEqual(rest.map((_, index) => dayOf(dayBefore(28 - index))));
});

test('the revenue of this month is told for each currency, the one with most to tell first', async () => {
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  await pay(first, 1900, 'jpy');
  await pay(first, 100_000, 'usd');
  await pay(new Date(first.getTime() - 1), 7_000_000, 'usd');
  const payment = await pay(now, 2050, 'usd');
  await sendBack(payment, 50, 'usd', now);
  expect(await revenueFigure.load(services)).toMatchObject({
    value: '$1,020.00 + ¥1,900',
    note: expect.stringContaining('USD'),
  });
});

test('subscriptions are counted by what they are', async () => {
  const statuses = ['active', 'active', 'trialing', 'past_due', 'canceled', 'unpaid', 'incomplete'];
  for (const status of statuses) {
    await insert('billing_subscriptions', {
      account_id: account,
      id: newId(),
      stripe_subscription_id: `sub_${newId()}`,
      status,
      stripe_price_id: 'price_1',
      quantity: 1,
      current_period_end: new Date(),
      created_at: new Date(),
    });
  }
  expect(await subscriptionsFigure.load(services)).toEqual({
    value: '2',
    note: '1 more in trial, 1 past due.',
  });
});

const store = (state: string, minutes: number) =>
  testDatabase.connection.query(
    `INSERT INTO webhook_events
       (provider, event_id, type, livemode, event_created, payload, state, received_at)
     VALUES ('stripe', UUID(), 'invoice.paid', 0, 0, '{}', ?, UTC_TIMESTAMP(3) - INTERVAL ? MINUTE)`,
    [state, minutes],
  );

test('an event that was given up wants to be looked after; what waits is told', async () => {
  await store('processed', 600);
  await store('ignored', 600);
  expect(await webhooksFigure.load(services)).toMatchObject({
    value: '0',
    note: 'None waits.',
    bad: false,
  });
  await store('failed', 12);
  await store('received', 3);
  await store('dead', 600);
  await store('dead', 600);
  expect(await webhooksFigure.load(services)).toEqual({
    value: '2',
    note: 'The oldest that waits has for 12 minutes.',
    to: '/admin/webhooks?state=dead',
    bad: true,
  });
});
