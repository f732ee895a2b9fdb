import { customType, int, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { createdAt, exactText, moment, uuid } from '#app/database/columns.ts';
import { accounts } from '#app/domains/accounts/models.ts';

/** Characters that the reason of a grant may have. */
export const reasonLength = 500;

/** A list of texts as JSON. */
const texts = customType<{ data: readonly string[]; driverData: string }>({
  dataType: () => 'text character set utf8mb4 collate utf8mb4_bin',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => JSON.parse(value),
});

/**
 * What an operator has granted an account, beside what it pays for. A grant is never changed: it is
 * revoked, and another made.
 */
export const licenseGrants = mysqlTable(
  'license_grants',
  {
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    id: uuid('id').notNull(),
    /** Nothing where it is not about seats. */
    seats: int('seats'),
    entitlements: texts('entitlements').notNull(),
    /** From then on it counts no more; nothing where it has no end. */
    expiresAt: moment('expires_at'),
    reason: varchar('reason', { length: reasonLength }).notNull(),
    /** As the audit log calls them. */
    grantedBy: exactText('granted_by', { length: 100 }).notNull(),
    createdAt: createdAt(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);
