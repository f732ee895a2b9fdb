import { mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { createdAt, uuid } from '#app/database/columns.ts';

/** Who owns things: everything that the product stores belongs to an account. */
export const accounts = mysqlTable('accounts', {
  id: uuid('id').primaryKey(),
  name: varchar('name', { length: 100 }).notNull(),
  createdAt: createdAt(),
});
