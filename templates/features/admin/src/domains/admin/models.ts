import {
  bigint,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core';
import { bytes, createdAt, exactText, fixedBytes, moment, uuid } from '#app/database/columns.ts';

/** Who may enter the admin area. They are no users: neither can sign in where the other does. */
export const adminUsers = mysqlTable(
  'admin_users',
  {
    id: uuid('id').primaryKey(),
    /** Lower case. */
    email: exactText('email', { length: 254 }).notNull(),
    /** What each may do: roles.ts. */
    role: mysqlEnum('role', ['owner', 'support', 'read-only']).notNull(),
    /** PHC string of the password; null until the invitation was followed. */
    passwordHash: varchar('password_hash', { length: 255 }),
    /** The secret of the authenticator app, sealed; null until the invitation was followed. */
    sealedSecret: bytes('sealed_secret', { length: 255 }),
    /** The 30-second step of the last code that was taken: no code is taken twice. */
    lastStep: bigint('last_step', { mode: 'number', unsigned: true }).notNull().default(0),
    /** SHA-256 of the token of an invitation that was not followed yet. */
    invitationHash: fixedBytes('invitation_hash', { length: 32 }),
    invitationExpiresAt: moment('invitation_expires_at'),
    /** Who is disabled cannot sign in, and has no session. */
    disabledAt: moment('disabled_at'),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('admin_users_email').on(table.email),
    uniqueIndex('admin_users_invitation').on(table.invitationHash),
  ],
);

/** Codes that stand in for a lost authenticator app, each good once. */
export const adminRecoveryCodes = mysqlTable(
  'admin_recovery_codes',
  {
    adminId: uuid('admin_id')
      .notNull()
      .references(() => adminUsers.id),
    codeHash: fixedBytes('code_hash', { length: 32 }).notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [primaryKey({ columns: [table.adminId, table.codeHash] })],
);
