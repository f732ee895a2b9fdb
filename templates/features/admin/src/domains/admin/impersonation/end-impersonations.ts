// An impersonation ends with any of what it stands on: its time, its session, and its operator's own
// session and right.
import { and, eq, gt, inArray, isNull, sql, type SQL } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions, users } from '#app/domains/auth/models.ts';
import { endAll } from '#app/domains/auth/sessions/end-sessions.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { adminUsers } from '../models.ts';
import { actorOf } from '../operator.ts';
import { may, roleNames } from '../roles.ts';
import { impersonations } from './models.ts';

/** Impersonations that one transaction ends at most. */
const batch = 100;

const rolesThatMay = roleNames.filter((role) => may(role, 'customers.impersonate'));
const isNoOperator = sql`NOT EXISTS (
  SELECT 1 FROM ${adminUsers} AS operators WHERE operators.email = ${users.email})`;

/** Of what the database knows. Null, and so not true, where what it stands on is there no more. */
const goesOn = and(
  gt(impersonations.expiresAt, now),
  isNull(sessions.revokedAt),
  isNull(adminUsers.disabledAt),
  inArray(adminUsers.role, rolesThatMay),
  isNoOperator,
);
const isTrue = sql`(${goesOn}) IS TRUE`;
const isNotTrue = sql`(${goesOn}) IS NOT TRUE`;

const cause = sql<string>`CASE
  WHEN ${impersonations.expiresAt} <= ${now} THEN 'expired'
  WHEN ${sessions.revokedAt} IS NOT NULL THEN 'session_ended'
  ELSE 'right_lost' END`;

/** What an access token is made from. */
export interface Standing {
  readonly id: string;
  /** The admin session that it stands on, which may have ended. */
  readonly adminSessionId: string;
  readonly userId: string;
  readonly accountId: string | null;
  /** Until its end. */
  readonly seconds: number;
}

/**
 * The impersonations that were not ended, and of these only those that go on as far as the database
 * knows (one of each operator at most), or some that do not.
 */
export function findImpersonations(
  queries: Queries,
  { where, going }: { readonly where?: SQL | undefined; readonly going: boolean },
): Promise<Standing[]> {
  const found = queries
    .select({
      id: impersonations.id,
      adminSessionId: impersonations.adminSessionId,
      userId: impersonations.userId,
      accountId: sessions.accountId,
      seconds: sql<number>`TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), ${impersonations.expiresAt})`,
    })
    .from(impersonations)
    .innerJoin(adminUsers, eq(adminUsers.id, impersonations.adminId))
    .innerJoin(users, eq(users.id, impersonations.userId))
    .leftJoin(sessions, eq(sessions.id, impersonations.id))
    .where(and(isNull(impersonations.endedAt), where, going ? isTrue : isNotTrue));
  return going ? found : found.limit(batch);
}

/**
 * Ends what an operator does in customers' places: all of it, or what was begun in one session.
 *
 * @param revocations of this process; without it, it learns of it as any other does
 */
export async function endImpersonationsOf(
  tx: Transaction,
  of: { readonly adminId: string } | { readonly sessionId: string },
  revocations: Pick<Revocations, 'add'> = { add: () => {} },
): Promise<void> {
  const where =
    'adminId' in of
      ? eq(impersonations.adminId, of.adminId)
      : eq(impersonations.adminSessionId, of.sessionId);
  await endWhere(tx, where, { revocations });
}

/**
 * Ends impersonations, and the sessions that they act in: their access tokens are refused once this
 * is committed.
 *
 * @param options `actor` is who ends them, where that is somebody
 */
export async function endWhere(
  tx: Transaction,
  where: SQL | undefined,
  options: { readonly revocations: Pick<Revocations, 'add'>; readonly actor?: string },
): Promise<void> {
  const rows = await tx
    .select({
      id: impersonations.id,
      adminId: impersonations.adminId,
      userId: impersonations.userId,
      cause,
    })
    .from(impersonations)
    .leftJoin(sessions, eq(sessions.id, impersonations.id))
    .where(and(isNull(impersonations.endedAt), where))
    .for('update');
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await endAll(tx, ids, options.revocations);
  await tx
    .update(impersonations)
    .set({ endedAt: now })
    .where(and(inArray(impersonations.id, ids), isNull(impersonations.endedAt)));
  for (const { id, adminId, userId, cause: foundCause } of rows) {
    const detail = {
      impersonationId: id,
      operator: actorOf({ id: adminId }),
      cause: options.actor === undefined ? foundCause : 'ended',
    };
    recordAct(tx, {
      actor: options.actor ?? 'system',
      action: 'impersonation.ended',
      subject: `user:${userId}`,
      detail,
    });
  }
}
