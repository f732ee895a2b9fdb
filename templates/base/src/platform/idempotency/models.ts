import { index, mysqlTable } from 'drizzle-orm/mysql-core';
import { createdAt, fixedBytes, longBytes, moment, uuid } from '#app/database/columns.ts';

/** Requests that were sent with an `Idempotency-Key`, each with its answer, for a day. */
export const idempotencyKeys = mysqlTable(
  'idempotency_keys',
  {
    /** A fingerprint of whose key it is, of the route, and of the key itself. */
    scope: fixedBytes('scope', { length: 32 }).primaryKey(),
    /** A fingerprint of what was asked. */
    request: fixedBytes('request', { length: 32 }).notNull(),
    /** Who handles it, or has; whoever finds the lease over may take its place. */
    leaseToken: uuid('lease_token').notNull(),
    leasedUntil: moment('leased_until').notNull(),
    /** Sealed; null while it is being handled. */
    answer: longBytes('answer'),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expires_at').on(table.expiresAt)],
);
