import { sql } from 'drizzle-orm';
import {
  bigint,
  index,
  int,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core';
import {
  asciiText,
  bytes,
  createdAt,
  exactText,
  fixedBytes,
  moment,
  uuid,
} from '#app/database/columns.ts';
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
    /** When its owner followed a link that was sent to it. */
    emailVerifiedAt: moment('email_verified_at'),
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
    lastUsedAt: moment('last_used_at'),
    /** Where it began, for its owner to recognise it by. */
    ip: asciiText('ip', { length: 45 }),
    userAgent: varchar('user_agent', { length: 255 }),
    /** Hash of the token of the device on which it began. */
    deviceHash: fixedBytes('device_hash', { length: 32 }),
    /** The end that no refresh moves. */
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    index('sessions_user').on(table.userId),
    // Which have ended lately, and of those which were in use, is read from it alone.
    index('sessions_revoked').on(table.revokedAt, table.lastUsedAt, table.createdAt),
  ],
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

/** What a link in a mail carries, good once. */
export const emailTokens = mysqlTable(
  'email_tokens',
  {
    /** SHA-256 of the token; the token itself is in the mail alone. */
    tokenHash: fixedBytes('token_hash', { length: 32 }).primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    purpose: mysqlEnum('purpose', ['verify', 'reset', 'change']).notNull(),
    /** The address that it was sent to, which following the link proves. */
    email: exactText('email', { length: 254 }).notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('email_tokens_user').on(table.userId)],
);

/** A device on which a user has signed in before: strangers' attempts do not count against it. */
export const knownDevices = mysqlTable(
  'known_devices',
  {
    /** SHA-256 of what the device keeps. */
    tokenHash: fixedBytes('token_hash', { length: 32 }).primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    createdAt: createdAt(),
    lastUsedAt: moment('last_used_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('known_devices_user').on(table.userId)],
);

/** The attempts that each account, address range and known device has used up. */
export const authAttempts = mysqlTable(
  'auth_attempts',
  {
    /** A hash of what is counted, so that nobody can be found in it. */
    bucket: fixedBytes('bucket', { length: 32 }).primaryKey(),
    attempts: int('attempts', { unsigned: true }).notNull().default(0),
    /** No attempt is taken before this. */
    blockedUntil: moment('blocked_until'),
    /** Up to when attempts were forgotten for the time that has passed. */
    refilledAt: moment('refilled_at')
      .notNull()
      .default(sql`CURRENT_TIMESTAMP(3)`),
  },
  (table) => [index('auth_attempts_refilled').on(table.refilledAt)],
);

/** The authenticator app of a user, who has one at most. */
export const totpFactors = mysqlTable('totp_factors', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id),
  /** The shared secret, sealed. */
  sealedSecret: bytes('sealed_secret', { length: 255 }).notNull(),
  /** The 30-second step of the last code that was taken: no code is taken twice. */
  lastStep: bigint('last_step', { mode: 'number', unsigned: true }).notNull().default(0),
  createdAt: createdAt(),
  /** When a first code proved that the app has the secret; until then it guards nothing. */
  confirmedAt: moment('confirmed_at'),
});

/** Codes that stand in for a lost authenticator app, each good once. */
export const recoveryCodes = mysqlTable(
  'recovery_codes',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    codeHash: fixedBytes('code_hash', { length: 32 }).notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);
