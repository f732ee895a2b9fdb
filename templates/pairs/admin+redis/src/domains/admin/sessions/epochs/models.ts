import { int, mysqlTable } from 'drizzle-orm/mysql-core';
import { uuid } from '#app/database/columns.ts';
import { adminUsers } from '../../models.ts';

/**
 * How often all sessions of an operator were ended. A session of an earlier epoch than this has ended,
 * whatever Redis has of it: that is settled in the transaction which ends them.
 */
export const adminSessionEpochs = mysqlTable('admin_session_epochs', {
  adminId: uuid('admin_id')
    .primaryKey()
    .references(() => adminUsers.id),
  epoch: int('epoch', { unsigned: true }).notNull(),
});
