import type { RowDataPacket } from 'mysql2/promise';
import type { Stripe } from 'stripe';
import { expect } from 'vitest';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import type { SeededPrice } from '../../../dev/stripe/fake-stripe.ts';
import type { Answer } from '../../support/service.ts';
import { signUp } from '../../support/users.ts';
import { stripeEnvironment, type TestBilling } from './billing.ts';

/** The prices of the plans, as Stripe has them. */
export const planPrices: readonly SeededPrice[] = pricesOf(plans);

export interface Choice {
  readonly plan: string;
  readonly interval: string;
  readonly quantity?: number;
}

export const proMonthly: Choice = { plan: 'pro', interval: 'month' };

/** A signed-in user of an account of its own, and what it does about its subscription. */
export interface Subscriber {
  readonly email: string;
  readonly accountId: string;
  checkout(choice?: Choice): Promise<Answer>;
  /** Subscribes, and waits until that is known here. */
  subscribe(choice?: Choice): Promise<void>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** What the service says of the subscription. */
  subscription(): Promise<Answer['body']>;
  /** Its checkouts at Stripe. */
  sessions(): Stripe.Checkout.Session[];
  /** Those at Stripe who have its address. */
  customers(): Stripe.Customer[];
  /** Its subscription at Stripe, the first of them. */
  stripeId(): string;
  customerId(): Promise<string>;
  rows(table: string): Promise<RowDataPacket[]>;
}

export async function newSubscriber(billing: TestBilling): Promise<Subscriber> {
  const { service, stripe } = billing;
  const { email, authorization } = await signUp(service);
  const [user] = await select(billing, 'SELECT account_id FROM users WHERE email = ?', email);
  const accountId = String(user?.['account_id']);
  const get = (path: string) => service.get(path, authorization);
  const post = (path: string, body?: unknown) => service.post(path, body, authorization);
  const checkout = (choice = proMonthly) => post('/v1/billing/checkout', choice);

  return {
    email,
    accountId,
    checkout,
    async subscribe(choice) {
      const { body } = await checkout(choice);
      stripe.pay(sessionOf(body));
      await allProcessed(billing);
    },
    get,
    post,
    subscription: async () => (await get('/v1/billing/subscription')).body,
    sessions: () =>
      [...stripe.objects.sessions.values()].filter(
        ({ client_reference_id: account }) => account === accountId,
      ),
    customers: () =>
      [...stripe.objects.customers.values()].filter((customer) => customer.email === email),
    stripeId() {
      const own = [...stripe.objects.subscriptions.values()].find(
        ({ metadata }) => metadata['account_id'] === accountId,
      );
      if (own === undefined) throw new Error('The account has no subscription at Stripe');
      return own.id;
    },
    async customerId() {
      const [row] = await select(
        billing,
        'SELECT stripe_customer_id FROM billing_customers WHERE account_id = ?',
        accountId,
      );
      return String(row?.['stripe_customer_id']);
    },
    rows: (table) =>
      select(billing, `SELECT * FROM ${table} WHERE account_id = ? ORDER BY id`, accountId),
  };
}

/** The session that a checkout's page is of. */
export function sessionOf({ url }: { readonly url: string }): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}

/** A client of one's own, for what is done at Stripe and not by the service. */
export function clientOf({ stripe }: TestBilling): Stripe {
  const { STRIPE_SECRET_KEY, STRIPE_API_BASE } = stripeEnvironment(stripe);
  return stripeClient({ STRIPE_SECRET_KEY, STRIPE_API_BASE });
}

/** Subscribes a customer as from Stripe's dashboard: nothing of it names the account. */
export async function subscribeAtStripe(
  billing: TestBilling,
  customer: string,
  lookupKey: string,
): Promise<void> {
  const client = clientOf(billing);
  const { data } = await client.prices.list({ lookup_keys: [lookupKey] });
  const session = await client.checkout.sessions.create({
    mode: 'subscription',
    customer,
    line_items: data.map(({ id }) => ({ price: id, quantity: 1 })),
    success_url: 'http://localhost:3000/',
  });
  billing.stripe.pay(session.id);
  await allProcessed(billing);
}

/** Has Stripe tell of one thing by a second event, as it sometimes does. */
export async function tellAgain(
  billing: TestBilling,
  type: Stripe.Event['type'],
  subscriptionId: string,
): Promise<void> {
  const event = billing.stripe.events.find(
    ({ type: each, data }) => each === type && Reflect.get(data.object, 'id') === subscriptionId,
  );
  if (event === undefined) throw new Error(`There was no ${type}`);
  billing.stripe.webhooks.send(Object.assign({}, event, { id: `${event.id}again` }));
  await allProcessed(billing);
}

/** Waits until every event that Stripe has sent is processed. */
export async function allProcessed(billing: TestBilling): Promise<void> {
  await billing.stripe.settled();
  const waiting = async () => {
    const [row] = await select(
      billing,
      `SELECT COUNT(*) AS count FROM webhook_events WHERE state NOT IN ('processed', 'ignored')`,
    );
    return row?.['count'];
  };
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
}

export async function select(
  { service }: TestBilling,
  sql: string,
  ...values: unknown[]
): Promise<RowDataPacket[]> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(sql, values);
  return rows;
}
