import {
  foreignKey,
  index,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core';
import {
  asciiText,
  createdAt,
  exactText,
  fixedBytes,
  moment,
  uuid,
} from '#app/database/columns.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { users } from '#app/domains/auth/models.ts';

/** Characters that a slug may have. */
export const slugLength = 50;

const role = () => asciiText('role', { length: 30 }).notNull();

/**
 * An account with members. What the product stores is the account's, as it is a person's: no other
 * table knows the difference. Whoever changes who belongs to it locks its row first.
 */
export const organizations = mysqlTable(
  'organizations',
  {
    accountId: uuid('account_id')
      .primaryKey()
      .references(() => accounts.id),
    /** The account's name once more, in an index by which it is found. */
    name: varchar('name', { length: 100 }).notNull(),
    /** What it is called in addresses. */
    slug: asciiText('slug', { length: slugLength }).notNull(),
    /** One that is deleted has no members, and what it has stored is being removed. */
    state: mysqlEnum('state', ['active', 'deleted']).notNull().default('active'),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('organizations_slug').on(table.slug),
    index('organizations_name').on(table.name),
    index('organizations_state').on(table.state),
  ],
);

/** A person's part in an organization. In the personal account there is none: it is the user's own. */
export const memberships = mysqlTable(
  'memberships',
  {
    accountId: uuid('account_id')
      .notNull()
      .references(() => organizations.accountId),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    /** One of those in roles.ts. */
    role: role(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.userId] }),
    index('memberships_user').on(table.userId),
  ],
);

/**
 * Who was asked to join and has not answered. What becomes of it ends the row; the audit log says
 * what that was.
 */
export const invitations = mysqlTable(
  'invitations',
  {
    accountId: uuid('account_id').notNull(),
    id: uuid('id').notNull(),
    /** Lower case, as that of a user. */
    email: exactText('email', { length: 254 }).notNull(),
    role: role(),
    /** SHA-256 of the token; the token itself is in the mail alone. */
    tokenHash: fixedBytes('token_hash', { length: 32 }).notNull(),
    invitedBy: uuid('invited_by')
      .notNull()
      .references(() => users.id),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    foreignKey({
      name: 'invitations_organization',
      columns: [table.accountId],
      foreignColumns: [organizations.accountId],
    }),
    uniqueIndex('invitations_email').on(table.accountId, table.email),
    uniqueIndex('invitations_token').on(table.tokenHash),
    index('invitations_expires').on(table.expiresAt),
  ],
);
