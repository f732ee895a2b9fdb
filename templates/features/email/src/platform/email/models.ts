import { sql } from 'drizzle-orm';
import { index, mysqlEnum, mysqlTable } from 'drizzle-orm/mysql-core';
import { asciiText, exactText, moment } from '#app/database/columns.ts';

/** Addresses that get no mail, and those that get it again. */
export const emailSuppressions = mysqlTable('email_suppressions', {
  /** Lower case, as users have it. */
  address: exactText('address', { length: 254 }).primaryKey(),
  reason: mysqlEnum('reason', ['refused', 'bounce', 'complaint', 'operator']).notNull(),
  suppressedAt: moment('suppressed_at').notNull(),
  /** Since when it gets mail again; null while it does not. */
  allowedAt: moment('allowed_at'),
});

/** Events of the provider that were taken: each counts once. */
export const emailEvents = mysqlTable(
  'email_events',
  {
    id: asciiText('id', { length: 255 }).primaryKey(),
    receivedAt: moment('received_at')
      .notNull()
      .default(sql`CURRENT_TIMESTAMP(3)`),
  },
  (table) => [index('email_events_received').on(table.receivedAt)],
);
