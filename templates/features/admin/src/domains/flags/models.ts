import { boolean, int, mysqlTable } from 'drizzle-orm/mysql-core';
import { asciiText, jsonObject, updatedAt } from '#app/database/columns.ts';

/** How a flag is set, where it is not as it is declared. */
export const featureFlags = mysqlTable('feature_flags', {
  /** As it is declared in flags.ts. */
  name: asciiText('name', { length: 100 }).primaryKey(),
  /** On for all; else for those on its list, and for the share below. */
  on: boolean('is_on').notNull().default(false),
  /** Of a hundred subjects, for how many it is on. */
  percentage: int('percentage', { unsigned: true }).notNull().default(0),
  /** Subjects for which it is on, or off, whatever else is set: `{ on: [...], off: [...] }`. */
  lists: jsonObject('lists').notNull(),
  updatedAt: updatedAt(),
});
