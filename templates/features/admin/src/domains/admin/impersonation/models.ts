import { index, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { createdAt, moment, uuid } from '#app/database/columns.ts';
import { users } from '#app/domains/auth/models.ts';
import { adminUsers } from '../models.ts';

/** An operator acts in a customer's place, in a session of the customer that has a fixed end. */
export const impersonations = mysqlTable(
  'impersonations',
  {
    /** Of the session that it acts in, which is forgotten some days after its end. */
    id: uuid('id').primaryKey(),
    adminId: uuid('admin_id')
      .notNull()
      .references(() => adminUsers.id),
    /** The admin session in which it was begun, and with which it ends. */
    adminSessionId: uuid('admin_session_id').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    reason: varchar('reason', { length: 500 }).notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('impersonations_admin').on(table.adminId, table.endedAt),
    index('impersonations_ended').on(table.endedAt),
    index('impersonations_user').on(table.userId, table.createdAt),
  ],
);
