import { index, mysqlEnum, mysqlTable, smallint, varchar } from 'drizzle-orm/mysql-core';
import { asciiText, createdAt, longBytes, moment, uuid } from '#app/database/columns.ts';

/** What is to be done outside the database: written with its cause, delivered afterwards. */
export const outbox = mysqlTable(
  'outbox',
  {
    id: uuid('id').primaryKey(),
    /** Which delivery takes it. */
    kind: asciiText('kind', { length: 50 }).notNull(),
    /** Sealed, and empty once it was delivered: mails carry links that sign in. */
    payload: longBytes('payload').notNull(),
    state: mysqlEnum('state', ['pending', 'sending', 'sent', 'failed', 'dead'])
      .notNull()
      .default('pending'),
    /** Counted when a delivery begins, so that one that ends the process counts too. */
    attempts: smallint('attempts', { unsigned: true }).notNull().default(0),
    /** Whose delivery this is; a worker whose lease is over has lost it. */
    leaseToken: uuid('lease_token'),
    /** When it is due; the end of the lease while it is being delivered; null when all is over. */
    availableAt: moment('available_at'),
    /** Why the last attempt failed. Holds nothing of the payload. */
    lastError: varchar('last_error', { length: 500 }),
    createdAt: createdAt(),
    sentAt: moment('sent_at'),
  },
  (table) => [
    index('outbox_available').on(table.availableAt),
    index('outbox_sent').on(table.sentAt),
  ],
);
