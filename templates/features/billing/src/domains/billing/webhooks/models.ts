import {
  bigint,
  boolean,
  index,
  mysqlEnum,
  mysqlTable,
  smallint,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core';
import { asciiText, longBytes, moment, uuid } from '#app/database/columns.ts';

/**
 * The inbox: every event that was received, once, as it came. The states and who moves them are
 * drawn in inbox.ts.
 */
export const webhookEvents = mysqlTable(
  'webhook_events',
  {
    id: bigint('id', { mode: 'number', unsigned: true }).autoincrement().primaryKey(),
    provider: asciiText('provider', { length: 16 }).notNull(),
    /** Compared byte by byte: ids that differ in case are different events. */
    eventId: asciiText('event_id', { length: 255 }).notNull(),
    type: asciiText('type', { length: 100 }).notNull(),
    livemode: boolean('livemode').notNull(),
    apiVersion: asciiText('api_version', { length: 40 }),
    /** Unix seconds. For people to read: events of one second have no order. */
    eventCreated: bigint('event_created', { mode: 'number' }).notNull(),
    /** The bytes that were signed. */
    payload: longBytes('payload').notNull(),
    state: mysqlEnum('state', [
      'received',
      'processing',
      'processed',
      'failed',
      'dead',
      'ignored',
    ]).notNull(),
    /** Counted when an attempt begins, so that one that ends the process counts too. */
    attempts: smallint('attempts', { unsigned: true }).notNull().default(0),
    /** Whose attempt this is; a worker whose lease is over has lost it. */
    leaseToken: uuid('lease_token'),
    /** When it is due; the end of the lease while it is processed; null when all is over. */
    availableAt: moment('available_at'),
    lastError: varchar('last_error', { length: 500 }),
    receivedAt: moment('received_at').notNull(),
    processedAt: moment('processed_at'),
  },
  (table) => [
    uniqueIndex('webhook_events_event').on(table.provider, table.eventId),
    index('webhook_events_available').on(table.availableAt),
    index('webhook_events_type').on(table.type, table.id),
    index('webhook_events_state').on(table.state, table.id),
    index('webhook_events_received').on(table.receivedAt),
  ],
);
