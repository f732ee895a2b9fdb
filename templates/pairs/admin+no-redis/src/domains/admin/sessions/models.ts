import { index, mysqlTable, uniqueIndex, varchar } from 'drizzle-orm/mysql-core';
import { asciiText, createdAt, fixedBytes, moment, uuid } from '#app/database/columns.ts';
import { adminUsers } from '../models.ts';

/** A sign-in to the admin area. It ends 8 hours after it began, or 15 minutes after its last use. */
export const adminSessions = mysqlTable(
  'admin_sessions',
  {
    /** SHA-256 of what its cookie holds. */
    tokenHash: fixedBytes('token_hash', { length: 32 }).primaryKey(),
    /** Names it where its hash is not to be shown; stays when its token is replaced. */
    id: uuid('id').notNull(),
    adminId: uuid('admin_id')
      .notNull()
      .references(() => adminUsers.id),
    createdAt: createdAt(),
    lastUsedAt: moment('last_used_at').notNull(),
    /** When the second factor was last proved. */
    provenAt: moment('proven_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    ip: asciiText('ip', { length: 45 }),
    userAgent: varchar('user_agent', { length: 255 }),
  },
  (table) => [
    index('admin_sessions_admin').on(table.adminId),
    uniqueIndex('admin_sessions_id').on(table.id),
    index('admin_sessions_expires').on(table.expiresAt),
  ],
);
