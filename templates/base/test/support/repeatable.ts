// Instances of a service with one idempotent route, made for the purpose: `POST /orders` writes an
// order, an entry of the audit log and a mail, and then does what the test has it do.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { char, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { z } from 'zod';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { createApp } from '#app/http/app.ts';
import { unauthenticated } from '#app/http/errors.ts';
import { json, reply, route, type Guard, type Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { idempotencyHook } from '#app/platform/idempotency/hook.ts';
import { openIdempotency } from '#app/platform/idempotency/idempotency.ts';
import { enqueue } from '#app/platform/outbox/enqueue.ts';
import { mailDelivery } from '#app/platform/mail/send-mail.ts';
import type { TestDatabase } from './database.ts';
import { testSealing } from './sealing.ts';
import { request, testSettings, type Answer } from './service.ts';

export const orders = mysqlTable(
  'test_orders',
  {
    accountId: char('account_id', { length: 36 }).notNull(),
    id: char('id', { length: 36 }).notNull(),
    item: varchar('item', { length: 50 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

export interface Instance {
  readonly database: Database;
  /** What the handler does when it has written an order of that item. */
  readonly next: Map<string, () => unknown>;
  /** Items, once for each time that the handler ran for one. */
  readonly handled: string[];
  ask(path: string, init: RequestInit): Promise<Answer>;
  order(item: string, options?: OrderOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface OrderOptions {
  readonly key?: string;
  /** The user's and the account's ids. */
  readonly as?: readonly [string, string];
  readonly path?: '/orders' | '/orders/keyed' | `/orders/of/${string}`;
}

const user = ['a-user', 'an-account'] as const;

/** For whom a header names: the user's and the account's ids. */
export const byName: Guard<{ userId: string; accountId: string }> = {
  scheme: 'bearer',
  async check({ headers }) {
    const [userId, accountId] = String(headers['x-user'] ?? '').split(' ');
    if (userId === undefined || accountId === undefined) throw unauthenticated();
    return { userId, accountId };
  },
};

export async function createOrders({ connection }: TestDatabase): Promise<void> {
  await connection.query(
    `CREATE TABLE test_orders (account_id CHAR(36) NOT NULL, id CHAR(36) NOT NULL,
      item VARCHAR(50) NOT NULL, PRIMARY KEY (account_id, id))`,
  );
}

/** @param lease seconds after which a request counts as lost */
export async function openInstance(
  { url }: Pick<TestDatabase, 'url'>,
  options: { lease?: number } = {},
): Promise<Instance> {
  const log = createLog({ LOG_LEVEL: 'silent' });
  const settings = testSettings({ url }, { CORS_ORIGINS: 'https://www.example.com' });
  const database = await openDatabase({ settings, sealing: testSealing });
  const idempotency = await openIdempotency({ database, sealing: testSealing, log }, options);
  const next: Instance['next'] = new Map();
  const handled: string[] = [];
  const routes = [
    orderRoute('/orders', true, { database, next, handled }),
    orderRoute('/orders/of/:shop', true, { database, next, handled }),
    orderRoute('/orders/keyed', 'required', { database, next, handled }),
  ];
  // The hook takes of all services this one.
  const hooks = [idempotencyHook({ idempotency } as unknown as Services)];
  const app = createApp({ settings, log, hooks }, [{ name: 'orders', routes }]);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    database,
    next,
    handled,
    ask: (path, init) => request(address, path, init),
    order: (item, { key, as = user, path = '/orders' } = {}) =>
      request(address, path, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-user': as.join(' '),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: JSON.stringify({ item }),
      }),
    async close() {
      server.close();
      server.closeAllConnections();
      await idempotency.close();
      await database.close();
    },
  };
}

function orderRoute(
  path: Route['path'],
  idempotent: NonNullable<Route['idempotent']>,
  { database, next, handled }: Pick<Instance, 'database' | 'next' | 'handled'>,
): Route {
  return route({
    method: 'post',
    path,
    summary: 'Order',
    guard: byName,
    idempotent,
    body: json(z.strictObject({ item: z.string().min(1) })),
    answers: { 201: json(z.object({ id: z.string(), item: z.string() })) },
    handler: async ({ identity, body: { item } }) => {
      handled.push(item);
      const id = newId();
      await database.withAccount(identity.accountId).insert(orders, { id, item });
      await database.transaction(async (tx) => {
        recordAct(tx, { actor: `user:${identity.userId}`, action: 'order.made', subject: item });
        await enqueue(testSealing, tx, mailDelivery, {
          to: 'you@example.com',
          subject: item,
          paragraphs: [item],
        });
      });
      await next.get(item)?.();
      const row = { id, item, secret: 'never leaves' };
      return reply(201, row, { Location: `/orders/${id}` });
    },
  });
}
