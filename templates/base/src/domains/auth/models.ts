import { index, mysqlTable, uniqueIndex, varchar } from 'drizzle-orm/mysql-core';
import { bytes, createdAt, exactText, fixedBytes, moment, uuid } from '#app/database/columns.ts';
import { accounts } from '#app/domains/accounts/models.ts';

/** A person who can sign in. `accountId` is the personal account made at registration. */
export const users = mysqlTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    /** Lower case, as `Email` in schemas.ts makes it. */
    email: exactText('email', { length: 254 }).notNull(),
    /** PHC string of the password. */
    passwordHash: varchar('password_hash', { length: 255 }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('users_email').on(table.email)],
);

/** One sign-in on one device: a family of refresh tokens, each made from the one before. */
export const sessions = mysqlTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    /** The account that the session acts for. */
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    createdAt: createdAt(),
    /** The end that no refresh moves. */
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [index('sessions_user').on(table.userId)],
);

export const refreshTokens = mysqlTable(
  'refresh_tokens',
  {
    /** SHA-256 of the token; the token itself is nowhere but with its holder. */
    tokenHash: fixedBytes('token_hash', { length: 32 }).primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id),
    /** The end of a token that is not used. */
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
    /** The token made from this one, sealed with this one: without it, it cannot be read. */
    sealedSuccessor: bytes('sealed_successor', { length: 128 }),
    /** Hash of the token made from this one. */
    successorHash: fixedBytes('successor_hash', { length: 32 }),
  },
  (table) => [index('refresh_tokens_session').on(table.sessionId)],
);
