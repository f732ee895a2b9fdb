import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import type { Stripe } from 'stripe';
import { afterAll, beforeAll } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { addUser } from '#app/domains/auth/account/add-user.ts';
import { billingCustomers } from '#app/domains/billing/models.ts';
import { openRefunds, type Refunds } from '#app/domains/billing/refunds/refunds.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import type { AnyHandler } from '#app/domains/billing/webhooks/handler.ts';
import { handlers } from '#app/domains/billing/webhooks/handlers/index.ts';
import { createLog } from '#app/log.ts';
import { plainMailer } from '#app/platform/mail/mailer.ts';
import type { Message } from '#app/platform/mail/transport.ts';
import { deliveries } from '#app/platform/outbox/deliveries.ts';
import type { DeliveryServices } from '#app/platform/outbox/delivery.ts';
import { enqueue } from '#app/platform/outbox/enqueue.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { deliverNext } from '#app/platform/outbox/worker.ts';
import { openSealing } from '#app/platform/sealing.ts';
import type { FakeStripe } from '../../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../../dev/stripe/server.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testSettings } from '../../support/service.ts';
import { stripeEnvironment } from './billing.ts';

/** The events that tell of money that was received, or went back. */
const moneyHandlers = handlers.filter(({ type }) => /^(?:invoice|charge|refund)\./.test(type));

/** What a yearly subscription costs here, in cents. */
export const price = 20_000;

export interface TestCustomer {
  readonly accountId: string;
  readonly customerId: string;
  readonly email: string;
}

/** What the handlers and the outbox do about money, one step at a time: nothing runs by itself. */
export interface TestMoney {
  readonly fake: FakeStripe;
  readonly stripe: Stripe;
  readonly database: Database;
  readonly refunds: Refunds;
  readonly outbox: Outbox;
  /** What a delivery works with. */
  readonly services: DeliveryServices;
  /** The mails that were delivered. */
  readonly mails: readonly Message[];
  readonly log: readonly Record<string, unknown>[];
  addCustomer(): Promise<TestCustomer>;
  /** Has a customer pay; the events of it wait to be taken. */
  buy(customer: TestCustomer): Promise<Stripe.Charge>;
  /** The events about money since the last time, in the order in which they happened. */
  takeEvents(): Stripe.Event[];
  /** Processes events one after the other, each in a transaction of its own. */
  process(
    events: readonly Stripe.Event[],
    options?: { handlers?: readonly AnyHandler[]; stripe?: Stripe },
  ): Promise<void>;
  /** Delivers everything that is due in the outbox. */
  deliver(): Promise<void>;
  rows(sql: string, ...values: unknown[]): Promise<RowDataPacket[]>;
}

export function useMoney(): TestMoney {
  const money = {} as TestMoney & { testDatabase: TestDatabase };

  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    Object.assign(money, { testDatabase, ...(await openMoney(testDatabase)) });
  });
  afterAll(async () => {
    await money.fake.close();
    await money.database.close();
    await money.testDatabase.drop();
  });
  return money;
}

async function openMoney(testDatabase: TestDatabase): Promise<TestMoney> {
  const fake = await startFakeStripe({
    prices: [
      {
        lookupKey: 'pro_year',
        unitAmount: price,
        currency: 'eur',
        interval: 'year',
        productName: 'Pro',
      },
    ],
  });
  const settings = testSettings(testDatabase, {
    ...stripeEnvironment(fake),
    KEYRING_SECRET: randomBytes(32).toString('base64url'),
  });
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  const log = createLog(settings, { write });
  const sealing = await openSealing({ settings, log });
  const database = await openDatabase({ settings, sealing });
  const mails: Message[] = [];
  const send = async (message: Message): Promise<void> => void mails.push(message);
  const mailer = plainMailer({ send, close: async () => {} });
  const outbox = { enqueue: enqueue.bind(undefined, sealing), close: async () => {} } as const;
  const stripe = stripeClient(settings);
  const services = { settings, log, database, mailer };
  const worker = { ...services, sealing, deliveries: Object.values(deliveries) };
  let taken = 0;

  return {
    fake,
    stripe,
    database,
    services,
    outbox,
    mails,
    log: lines,
    refunds: openRefunds({ ...services, outbox, stripe: () => stripe }),
    addCustomer: () => addCustomer(database, stripe),
    buy: (customer) => buy(fake, stripe, customer),
    takeEvents() {
      const fresh = fake.events.slice(taken);
      taken = fake.events.length;
      return fresh.filter((event) => moneyHandlers.some(({ type }) => type === event.type));
    },
    async process(events, options = {}) {
      const context = { stripe, outbox, log, ...options };
      for (const event of events) {
        const handler = (options.handlers ?? moneyHandlers).find(({ type }) => type === event.type);
        await database.transaction(async (tx) => handler?.handle(event, { ...context, tx }));
      }
    },
    async deliver() {
      let found = true;
      while (found) found = await deliverNext(worker, new AbortController().signal);
    },
    async rows(sql, ...values) {
      const [rows] = await testDatabase.connection.query<RowDataPacket[]>(sql, values);
      return rows;
    },
  };
}

async function addCustomer(database: Database, stripe: Stripe): Promise<TestCustomer> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const { id: customerId } = await stripe.customers.create({ email });
  return database.transaction(async (tx) => {
    const { user } = await addUser(tx, { email, passwordHash: 'none', isVerified: true });
    const { accountId } = user;
    await tx.insert(billingCustomers).values({ accountId, stripeCustomerId: customerId });
    return { accountId, customerId, email };
  });
}

async function buy(
  fake: FakeStripe,
  stripe: Stripe,
  { customerId }: TestCustomer,
): Promise<Stripe.Charge> {
  const { data: prices } = await stripe.prices.list({ lookup_keys: ['pro_year'] });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customerId,
    line_items: prices.map(({ id }) => ({ price: id, quantity: 1 })),
    success_url: 'http://localhost:3000/paid',
  });
  fake.pay(session.id);
  const { data: charges } = await stripe.charges.list({ customer: customerId, limit: 1 });
  const [charge] = charges;
  if (charge === undefined) throw new Error('Nothing was paid');
  return charge;
}
