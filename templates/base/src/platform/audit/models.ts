import { sql } from 'drizzle-orm';
import { bigint, index, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { asciiText, jsonObject, moment } from '#app/database/columns.ts';

/** Who did what that matters for security, and when. Rows are added and never changed. */
export const auditLog = mysqlTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'number', unsigned: true }).autoincrement().primaryKey(),
    /** By the database's clock. */
    at: moment('at')
      .notNull()
      .default(sql`CURRENT_TIMESTAMP(3)`),
    actor: varchar('actor', { length: 100 }).notNull(),
    action: asciiText('action', { length: 100 }).notNull(),
    subject: varchar('subject', { length: 150 }),
    detail: jsonObject('detail'),
    requestId: asciiText('request_id', { length: 64 }),
  },
  (table) => [index('audit_log_at').on(table.at)],
);
