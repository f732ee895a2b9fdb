import { index, int, mysqlTable } from 'drizzle-orm/mysql-core';
import { fixedBytes, moment } from '#app/database/columns.ts';

/** What was spent of limits, where the database counts. A row that has ended counts for nothing. */
export const rateLimits = mysqlTable(
  'rate_limits',
  {
    /** A fingerprint of the limit and of whoever it is held for. */
    bucket: fixedBytes('bucket', { length: 32 }).primaryKey(),
    /** Before `ends_at`: where both are written, what is spent depends on when the window ended. */
    used: int('used', { unsigned: true }).notNull().default(0),
    /** When the window ends, and names it. */
    endsAt: moment('ends_at').notNull(),
  },
  (table) => [index('rate_limits_ends').on(table.endsAt)],
);
