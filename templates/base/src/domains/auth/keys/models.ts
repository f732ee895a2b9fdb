import { bigint, mysqlTable, tinyint } from 'drizzle-orm/mysql-core';
import { asciiText, bytes, exactText, moment, updatedAt } from '#app/database/columns.ts';

/** The processes that serve, and which signing keys each of them knows: a heartbeat. */
export const instances = mysqlTable('instances', {
  id: exactText('id', { length: 64 }).primaryKey(),
  /** Names of the keys that it accepts, comma-separated. */
  acceptKids: asciiText('accept_kids', { length: 100 }).notNull(),
  /** Name of the key that it signs with. */
  signKid: asciiText('sign_kid', { length: 16 }).notNull(),
  seenAt: moment('seen_at').notNull(),
});

/** The keyring of a service on several hosts: one row. */
export const jwtKeyring = mysqlTable('jwt_keyring', {
  id: tinyint('id', { unsigned: true }).primaryKey(),
  /** One more at each change; a change names the version that it was made from. */
  version: bigint('version', { mode: 'number', unsigned: true }).notNull(),
  sealed: bytes('sealed', { length: 4096 }).notNull(),
  updatedAt: updatedAt(),
});
