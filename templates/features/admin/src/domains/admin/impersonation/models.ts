import { index, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { createdAt, moment, uuid } from '#app/database/columns.ts';
import { sessions, users } from '#app/domains/auth/models.ts';
import { adminUsers } from '../models.ts';

/** An operator acts in a customer's place, in a session of the customer that has a fixed end. */
export const impersonations = mysqlTable(
  'impersonations',
  {
    /** The session that it acts in; when that is ended, so is this. */
    id: uuid('id')
      .primaryKey()
      .references(() => sessions.id),
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
    index('impersonations_user').on(table.userId, table.createdAt),
  ],
);
