import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import { readOrder } from '../../src/commands/billing/order.ts';
import { reportDiff, reportDrift } from '../../src/commands/billing/report.ts';
import { runBilling, type BillingCommandSettings } from '../../src/commands/billing/run-billing.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { runCommand } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { sealingSecrets } from '../support/sealing.ts';

let stripe: FakeStripe;
let database: TestDatabase;
const wanted = pricesOf(plans);

beforeAll(async () => {
  stripe = await startFakeStripe();
  database = await createTestDatabase();
});
afterAll(async () => {
  await stripe.close();
  await database.drop();
});

const settings = (): BillingCommandSettings => ({
  DATABASE_URL: database.url,
  DATABASE_POOL_SIZE: 2,
  STRIPE_SECRET_KEY: stripe.secretKey,
  STRIPE_API_BASE: stripe.url,
  ...sealingSecrets,
});

const ignore = () => undefined;

/** Carries an order out as the command does, without a process of its own. */
async function run(...args: string[]) {
  const said: string[] = [];
  const outcome = await runBilling(readOrder(args), settings(), (line) => void said.push(line));
  return { ...outcome, said };
}

test('prices that are missing are said; a push makes them, and a dry one makes nothing', async () => {
  expect(await run('plans', 'diff')).toMatchObject({
    agrees: false,
    result: { same: false, missing: wanted, changed: [], extra: [] },
    said: ['Stripe: test mode.'],
  });
  const dry = await run('plans', 'push', '--dry-run');
  expect(dry.text).toContain(`would make  ${wanted[0]?.lookupKey}`);
  expect(stripe.objects.prices.size).toBe(0);

  const { agrees, said } = await run('plans', 'push');
  expect([agrees, said.length]).toEqual([true, 1 + wanted.length]);
  expect(stripe.objects.prices.size).toBe(wanted.length);
  expect(await run('plans', 'diff')).toMatchObject({
    agrees: true,
    text: 'Stripe has every price of the plans, and no others.',
  });
});

test('a product that has another name is renamed; a dry push only says so', async () => {
  await run('plans', 'push');
  const client = stripeClient(settings());
  const [product] = stripe.objects.products.values();
  const { id = '', name = '' } = product ?? {};
  await client.products.update(id, { name: 'Before' });
  const line = `would rename  ${id} to ${name}`;
  expect((await run('plans', 'push', '--dry-run')).text).toBe(line);
  expect(stripe.objects.products.get(id)?.name).toBe('Before');
  expect(await run('plans', 'push')).toMatchObject({
    text: `renamed  ${id} to ${name}`,
    result: { pushes: [], renames: [{ stripeProductId: id, name }] },
    said: ['Stripe: test mode.', `${id} is called ${name}.`],
  });
  expect(await run('plans', 'diff')).toMatchObject({ agrees: true });
});

test('a new price of a product that had another name has it renamed, too', async () => {
  await run('plans', 'push');
  const client = stripeClient(settings());
  const [product = ''] = stripe.objects.products.keys();
  for (const { id } of await client.prices.list({ product }).autoPagingToArray({ limit: 10 })) {
    await client.prices.update(id, { active: false });
  }
  await client.products.update(product, { name: 'Before' });
  await run('plans', 'push');
  expect(await run('plans', 'diff')).toMatchObject({ agrees: true });
});

test('as a command, it gives programs the drift of subscriptions and exit code 3', async () => {
  expect(await run('reconcile')).toMatchObject({
    agrees: true,
    text: `Compared 0 subscriptions with Stripe's: they are the same.
No event of the last 30 days is missing that Stripe could not deliver.`,
  });
  const account = newId();
  await database.connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [account, 'A']);
  await database.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status,
       stripe_price_id, quantity, current_period_end)
     VALUES (?, ?, 'sub_lost', 'active', 'price_1', 1, UTC_TIMESTAMP(3))`,
    [account, account],
  );
  const { DATABASE_URL = '', STRIPE_SECRET_KEY = '', STRIPE_API_BASE = '' } = settings();
  const { code, output, errors } = await runCommand('billing.ts', ['reconcile', '--json'], {
    NODE_ENV: 'test',
    DATABASE_URL,
    STRIPE_SECRET_KEY,
    STRIPE_API_BASE,
  });
  expect([code, errors]).toEqual([3, 'Stripe: test mode.\n']);
  expect(JSON.parse(output)).toMatchObject({
    compared: 1,
    drift: [{ kind: 'missing_there', stripeSubscriptionId: 'sub_lost', repaired: false }],
  });
});

test('events that Stripe could not deliver are said, and taken once, as if they had come', async () => {
  await database.connection.query('DELETE FROM billing_subscriptions');
  const client = stripeClient(settings());
  const endpoint = await openEndpoint();
  const customer = await client.customers.create({ email: 'jane@example.com' });
  // This one was delivered, though it is not here: that is not for Stripe to know.
  await client.customers.update(customer.id, { name: 'J' });
  await stripe.settled();
  endpoint.status = 503;
  // The one is told of and nothing is done about it; the other is as yet on its way.
  await client.customers.create({});
  await client.customers.update(customer.id, { name: 'Jane' });
  await stripe.settled();
  const [delivered, updated] = stripe.events.filter(({ type }) => type === 'customer.updated');
  if (delivered === undefined || updated === undefined) throw new Error('There was no event');
  delivered.created -= 3600;
  const { undelivered: atOnce } = (await run('reconcile')).result as { undelivered: unknown[] };
  expect(atOnce).toEqual([]);

  updated.created -= 3600;
  const event = { eventId: updated.id, type: 'customer.updated', taken: false };
  const found = await run('reconcile');
  expect(found).toMatchObject({ agrees: false, result: { undelivered: [event] } });
  expect(found.text).toContain(`${updated.id} customer.updated of `);
  expect(await eventRows()).toEqual([]);

  expect(await run('reconcile', '--repair')).toMatchObject({
    agrees: true,
    result: { undelivered: [{ ...event, taken: true }] },
  });
  const [row] = await eventRows();
  expect(row).toMatchObject({ event_id: updated.id, state: 'received', livemode: 0, attempts: 0 });
  expect(JSON.parse(row?.['payload'])).toEqual(JSON.parse(JSON.stringify(updated)));
  const [acts] = await database.connection.query('SELECT action, subject, detail FROM audit_log');
  expect(acts).toContainEqual({
    action: 'webhook.fetched',
    subject: `webhook:${row?.['id']}`,
    detail: JSON.stringify({ eventId: updated.id, type: 'customer.updated' }),
  });
  expect(await run('reconcile', '--repair')).toMatchObject({ result: { undelivered: [] } });
});

/** Gives Stripe an endpoint that answers what it is told to, and that it sends each event to once. */
async function openEndpoint(): Promise<{ status: number }> {
  const answers = { status: 200 };
  const server = createServer((_request, response) => {
    response.writeHead(answers.status).end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  stripe.webhooks.retry(false);
  // A TCP server's address is an object.
  stripe.deliverTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return answers;
}

async function eventRows(): Promise<RowDataPacket[]> {
  const [rows] = await database.connection.query<RowDataPacket[]>('SELECT * FROM webhook_events');
  return rows;
}

test('without a key, or with one that Stripe refuses, it says so', async () => {
  const order = readOrder(['plans', 'diff']);
  const without = runBilling(order, { DATABASE_POOL_SIZE: 1, ...sealingSecrets }, ignore);
  await expect(without).rejects.toMatchObject({
    message: expect.stringMatching(/^STRIPE_SECRET_KEY is not set\./),
    reason: 'precondition',
  });
  const others = { ...settings(), STRIPE_SECRET_KEY: 'sk_test_of_somebody_else' };
  await expect(runBilling(order, others, ignore)).rejects.toMatchObject({
    message: expect.stringMatching(/^Stripe: ./),
    reason: 'precondition',
  });
});

test.for([
  '',
  'plans',
  'plan diff',
  'plans diff --dry-run',
  'plans diff --repair',
  'plans push --repair',
  'reconcile --dry-run',
  'reconcile all',
  'reconcile --force',
])('the arguments “%s” are wrong', (args) => {
  expect(() => readOrder(args.split(' ').filter(Boolean))).toThrow('Usage');
});

test('a person is told each difference in a line', () => {
  const [price] = wanted;
  if (price === undefined) return;
  const differences = [{ field: 'amount', here: 900, there: 1000 }];
  expect(
    reportDiff({
      missing: [],
      changed: [
        { wanted: price, stripePriceId: 'price_1', stripeProductId: 'prod_1', differences },
      ],
      extra: [],
    }),
  ).toBe(`differs  ${price.lookupKey} (price_1): amount is 900 here and 1000 there`);
  expect(
    reportDrift({
      compared: 5,
      drift: [
        {
          kind: 'differs',
          stripeSubscriptionId: 'sub_1',
          accountId: 'a',
          differences: [{ field: 'status', here: 'active', there: 'canceled' }],
          repaired: true,
        },
      ],
    }),
  ).toBe(
    `sub_1 differs; account a; status is active here and canceled there; repaired
Compared 5 subscriptions with Stripe's: 1 are not the same; 1 of them were repaired.`,
  );
});
