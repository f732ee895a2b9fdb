import { int, mysqlEnum, mysqlTable } from 'drizzle-orm/mysql-core';
import { asciiText, jsonObject, updatedAt, uuid } from '#app/database/columns.ts';

/** How a flag is set. One without a row is as it is declared. */
export const featureFlags = mysqlTable('feature_flags', {
  /** As flags.ts declares it. */
  name: asciiText('name', { length: 100 }).primaryKey(),
  /** Another after each change: by it a process sees what it has not read yet. */
  revision: uuid('revision').notNull(),
  /** What it is for those who are on neither list. */
  state: mysqlEnum('state', ['off', 'on', 'percentage']).notNull(),
  /** Of a hundred subjects, for how many it is on where the state says so. */
  percentage: int('percentage', { unsigned: true }).notNull(),
  /** Subjects for which it is on, or off, whatever the state is. */
  lists: jsonObject('lists')
    .$type<{ readonly on: readonly string[]; readonly off: readonly string[] }>()
    .notNull(),
  updatedAt: updatedAt(),
});
