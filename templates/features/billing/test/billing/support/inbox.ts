import { sql } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { billingNotConfigured } from '#app/domains/billing/errors.ts';
import { defineHandler, type Handler } from '#app/domains/billing/webhooks/handler.ts';
import { openInbox, type Inbox } from '#app/domains/billing/webhooks/inbox.ts';
import type { ProcessDeps } from '#app/domains/billing/webhooks/process.ts';
import { webhookRoutes } from '#app/domains/billing/webhooks/routes.ts';
import { openServer } from '#app/http/server.ts';
import { createLog } from '#app/log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testSealing } from '../../support/sealing.ts';
import { request, testSettings, type Answer } from '../../support/service.ts';
import { secret, signed, type Signed } from './events.ts';

/** What a handler does about an event of the type that `newEvent` makes. */
export type Handle = Handler<'customer.updated'>['handle'];

export interface Endpoint {
  readonly inbox: Inbox;
  /** Sends an event as Stripe does. */
  readonly send: (event: unknown) => Promise<Answer>;
  readonly sendSigned: (sent: Signed, headers?: Record<string, string>) => Promise<Answer>;
}

/** An inbox to work with in the tests of a file: its rows, and the effects of its events, counted. */
export interface TestInbox {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  /** What was logged in this test, a parsed line each. */
  readonly lines: Record<string, unknown>[];
  deps(handle?: Handle, options?: Options): ProcessDeps;
  /** Serves an inbox at the route of the service, until the test ends. */
  serve(handle?: Handle, options?: Options): Promise<Endpoint>;
  rows(): Promise<RowDataPacket[]>;
  /** The ids of events for which there was an effect that lasts, in their order. */
  effects(): Promise<string[]>;
  /** Ends every pause and every lease. */
  makeDue(): Promise<unknown>;
}

/** For `expect.poll`: machines have much else to do. */
export const patiently = { timeout: 20_000 };

interface Options {
  /** Variables that differ: there are no workers by default. */
  readonly environment?: Record<string, string>;
  readonly database?: Database;
  /** Milliseconds for which a sender waits. */
  readonly patience?: number;
}

/** Has an effect for an event that can be counted. */
export const addEffect: Handle = async ({ id }, { tx }) => {
  await effect(tx, id);
};

export async function effect(tx: Transaction, eventId: string): Promise<void> {
  await tx.execute(sql`INSERT INTO effects (event_id) VALUES (${eventId})`);
}

export function useInbox(): TestInbox {
  const lines: Record<string, unknown>[] = [];
  const log = createLog(
    { LOG_LEVEL: 'info' },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  const bench = { lines } as { -readonly [Key in keyof TestInbox]: TestInbox[Key] };

  beforeAll(async () => {
    bench.testDatabase = await createTestDatabase();
    bench.database = await connect(bench.testDatabase.url);
    await bench.testDatabase.connection.query(
      'CREATE TABLE effects (id INT AUTO_INCREMENT PRIMARY KEY, event_id VARBINARY(255) NOT NULL)',
    );
  });
  afterAll(async () => {
    await bench.database.close();
    await bench.testDatabase.drop();
  });
  beforeEach(async () => {
    await bench.testDatabase.connection.query('DELETE FROM webhook_events');
    await bench.testDatabase.connection.query('DELETE FROM effects');
    lines.length = 0;
  });

  bench.deps = (handle = addEffect, { environment, database = bench.database } = {}) => ({
    settings: testSettings(bench.testDatabase, {
      STRIPE_WEBHOOK_SECRETS: secret,
      STRIPE_SECRET_KEY: 'sk_test_1',
      WEBHOOK_WORKERS: '0',
      ...environment,
    }),
    log,
    database,
    outbox: { enqueue: () => Promise.reject(new Error('No deliveries here')), close: noop },
    stripe: () => {
      throw billingNotConfigured();
    },
    handlers: [defineHandler({ type: 'customer.updated', handle })],
  });

  bench.serve = async (handle, options) => {
    const deps = bench.deps(handle, options);
    const { patience } = options ?? {};
    const inbox = openInbox(deps, deps.handlers, { ...(patience !== undefined && { patience }) });
    const group = { name: 'billing', routes: webhookRoutes({ inbox }) };
    const settings = { ...deps.settings, SHUTDOWN_DELAY_MS: 0 };
    const server = await openServer({ ...deps, settings }, [group]);
    onTestFinished(async () => {
      await server.close();
      await inbox.close();
    });
    const sendSigned: Endpoint['sendSigned'] = ({ payload, signature }, headers = {}) =>
      request(server.url, '/webhooks/stripe', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'stripe-signature': signature,
          ...headers,
        },
        body: new Uint8Array(payload),
      });
    return { inbox, sendSigned, send: (event) => sendSigned(signed(event)) };
  };

  bench.rows = async () => {
    const [found] = await bench.testDatabase.connection.query<RowDataPacket[]>(
      `SELECT *, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), available_at) / 1e6 AS due
       FROM webhook_events ORDER BY id`,
    );
    return found;
  };
  bench.effects = async () => {
    const [found] = await bench.testDatabase.connection.query<RowDataPacket[]>(
      'SELECT event_id FROM effects ORDER BY id',
    );
    return found.map(({ event_id: id }) => String(id));
  };
  bench.makeDue = () =>
    bench.testDatabase.connection.query(
      'UPDATE webhook_events SET available_at = UTC_TIMESTAMP(3) WHERE available_at IS NOT NULL',
    );
  return bench;
}

export function connect(url: string, silence?: number): Promise<Database> {
  const settings = { DATABASE_URL: url, DATABASE_POOL_SIZE: 10 };
  return openDatabase({
    settings,
    sealing: testSealing,
    ...(silence !== undefined && { silence }),
  });
}

const noop = async (): Promise<void> => {};
