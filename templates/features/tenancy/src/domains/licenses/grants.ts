import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNull,
  or,
  sql,
  type SQL,
} from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database, Queries } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { notFound, validationFailed } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { lockLicense } from './account-lock.ts';
import type { Entitlement } from './entitlements.ts';
import { grantEnded } from './errors.ts';
import { licenseGrants } from './models.ts';

/** Grants of an account that are listed at most. */
const listed = 200;

export interface Grant {
  readonly id: string;
  /** Null where it is not about seats. */
  readonly seats: number | null;
  readonly entitlements: readonly string[];
  /** Null where it has no end. */
  readonly expiresAt: Date | null;
  readonly reason: string;
  /** As the audit log calls them. */
  readonly grantedBy: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  /** Whether it counts now: neither expired nor revoked. */
  readonly isInForce: boolean;
}

export interface NewGrant {
  readonly seats?: number | undefined;
  readonly entitlements: readonly Entitlement[];
  readonly expiresAt?: Date | undefined;
  readonly reason: string;
  /** Revokes those that are in force, in the same transaction. */
  readonly replaces?: boolean | undefined;
}

/** Who runs the service, as the audit log calls them. */
export interface Granter {
  readonly actor: string;
}

export interface Grants {
  /** What was granted to an account, the newest first. */
  list(accountId: string): Promise<Grant[]>;
  /**
   * Grants an account something, from now on.
   *
   * @returns the id of the grant
   * @throws not_found; validation_failed where it would have expired already
   */
  grant(by: Granter, accountId: string, given: NewGrant): Promise<string>;
  /**
   * Has a grant count no more. Members who are there stay, also where there are fewer seats than that.
   *
   * @throws not_found; license_grant_ended where it counts no more already
   */
  revoke(by: Granter, accountId: string, revoked: { id: string; reason: string }): Promise<void>;
}

export function openGrants({ database }: { database: Database }): Grants {
  return {
    list: (accountId) =>
      select(database.queries, eq(licenseGrants.accountId, accountId))
        .orderBy(desc(licenseGrants.id))
        .limit(listed),

    grant: (by, accountId, given) =>
      database.transaction(async (tx) => {
        await lockLicense(tx, accountId);
        if (given.replaces === true) {
          const replaced = await grantsInForce(tx, accountId);
          await endGrants(tx, by, accountId, replaced, given.reason);
        }
        return addGrant(tx, by, accountId, given);
      }),

    revoke: (by, accountId, { id, reason }) =>
      database.transaction(async (tx) => {
        await lockLicense(tx, accountId);
        const [found] = await select(tx, ofAccount(accountId, eq(licenseGrants.id, id)));
        if (found === undefined) throw notFound();
        if (!found.isInForce) throw grantEnded({ detail: 'It was revoked, or has ended.' });
        await endGrants(tx, by, accountId, [found], reason);
      }),
  };
}

/** The grants of an account that count now, the oldest first. */
export function grantsInForce(queries: Queries | Transaction, accountId: string): Promise<Grant[]> {
  return select(queries, ofAccount(accountId, inForce)).orderBy(asc(licenseGrants.id));
}

const notExpired = or(isNull(licenseGrants.expiresAt), gt(licenseGrants.expiresAt, now));
const inForce = and(isNull(licenseGrants.revokedAt), notExpired);

const ofAccount = (accountId: string, condition: SQL | undefined) =>
  and(eq(licenseGrants.accountId, accountId), condition);

function select(queries: Queries | Transaction, where: SQL | undefined) {
  const { accountId: _accountId, ...columns } = getTableColumns(licenseGrants);
  return queries
    .select({ ...columns, isInForce: sql<boolean>`${inForce}`.mapWith(Boolean) })
    .from(licenseGrants)
    .where(where);
}

/** @throws validation_failed where it would have expired already, by the database's clock */
async function addGrant(
  tx: Transaction,
  { actor }: Granter,
  accountId: string,
  { seats, entitlements, expiresAt, reason }: NewGrant,
): Promise<string> {
  const id = newId();
  await tx
    .insert(licenseGrants)
    .values({ accountId, id, seats, entitlements, expiresAt, reason, grantedBy: actor });
  const [added] = await select(tx, ofAccount(accountId, eq(licenseGrants.id, id)));
  if (added?.isInForce !== true) {
    const errors = [{ pointer: '#/expires', detail: 'That day is over already.' }];
    throw validationFailed({ detail: 'The grant would have ended already.', errors });
  }
  recordAct(tx, {
    actor,
    action: 'license.granted',
    subject: `account:${accountId}`,
    detail: { grantId: id, seats, entitlements, expiresAt: expiresAt?.toISOString(), reason },
  });
  return id;
}

async function endGrants(
  tx: Transaction,
  { actor }: Granter,
  accountId: string,
  grants: readonly Grant[],
  reason: string,
): Promise<void> {
  if (grants.length === 0) return;
  const ids = grants.map(({ id }) => id);
  await tx
    .update(licenseGrants)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(
      ofAccount(accountId, and(inArray(licenseGrants.id, ids), isNull(licenseGrants.revokedAt))),
    );
  for (const grantId of ids) {
    const subject = `account:${accountId}`;
    recordAct(tx, { actor, action: 'license.revoked', subject, detail: { grantId, reason } });
  }
}
