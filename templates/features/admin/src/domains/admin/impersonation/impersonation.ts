// An operator acts in a customer's place: in a session of the customer's that has a fixed end, by
// access tokens that say who acts (RFC 8693, section 4.1). It has the customer's rights and no more,
// and no refresh token.
import { and, eq, gt, inArray, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions, users } from '#app/domains/auth/models.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { ErrorKind } from '#app/errors.ts';
import { notFound } from '#app/http/errors.ts';
import type { Log } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { startLoop } from '#app/platform/loop.ts';
import { service } from '#app/service.ts';
import { permissionDenied } from '../errors.ts';
import { adminUsers } from '../models.ts';
import { actorOf, type Operator } from '../operator.ts';
import { may } from '../roles.ts';
import type { AdminSessions } from '../sessions/sessions.ts';
import { endWhere, findImpersonations, type Standing } from './end-impersonations.ts';
import { alreadyActing, notActing, subjectIsOperator } from './errors.ts';
import { impersonations } from './models.ts';

/** Seconds after which an impersonation is over. Nothing makes it longer. */
const longest = 30 * 60;
/** Milliseconds between looks at what has lost what it stands on. */
const pause = 2000;

/** Why an operator has to act in a customer's place: for the customer, and whoever asks later. */
export const Reason = z
  .string()
  .trim()
  .min(10, 'Say why in at least 10 characters.')
  .max(500, 'Say why in at most 500 characters.');

export interface Impersonation {
  /**
   * Begins to act in a customer's place. The operator's session goes on under a new id.
   *
   * @param reason as `Reason` takes it
   * @returns the Set-Cookie header of the session
   * @throws permission_denied, already_acting, subject_is_operator, not_found
   */
  begin(operator: Operator, userId: string, reason: string): Promise<string>;
  /**
   * An access token of the running impersonation, which ends with it at the latest.
   *
   * @throws not_acting
   */
  token(operator: Operator): Promise<string>;
  /** Ends it, where it has not ended already. Gives the Set-Cookie header of the session. */
  end(operator: Operator): Promise<string>;
  close(): Promise<void>;
}

export function openImpersonation(deps: {
  log: Log;
  database: Database;
  auth: Pick<AuthService, 'accessTokens' | 'revocations'>;
  sessions: Pick<AdminSessions, 'renew' | 'going'>;
}): Impersonation {
  const { log, database, auth, sessions: adminSessions } = deps;
  const { revocations } = auth;

  async function endThose(over: readonly Standing[]): Promise<void> {
    if (over.length === 0) return;
    const ids = over.map(({ id }) => id);
    await database.transaction((tx) =>
      endWhere(tx, inArray(impersonations.id, ids), { revocations }),
    );
  }

  const loop = startLoop({ name: 'impersonations', pause, log }, async () => {
    const { queries } = database;
    await endThose(await findImpersonations(queries, { going: false }));
    // Last: what the database knows must not wait for the sessions' store.
    const standing = await findImpersonations(queries, { going: true });
    const going = await adminSessions.going(
      queries,
      standing.map(({ adminSessionId }) => adminSessionId),
    );
    await endThose(standing.filter(({ adminSessionId }) => !going.has(adminSessionId)));
  });

  return {
    async begin(operator, userId, reason) {
      const actor = actorOf(operator);
      const subject = `user:${userId}`;
      const begun = await database.transaction(async (tx) => {
        const refusal = await refusalOf(tx, operator, userId, adminSessions);
        if (refusal !== undefined) {
          const detail = { reason: refusal.code };
          recordAct(tx, { actor, action: 'impersonation.denied', subject, detail });
          return { refusal };
        }
        const id = await addImpersonation(tx, operator, userId, reason);
        const { cookie } = await adminSessions.renew(tx, operator, false);
        const detail = { impersonationId: id, reason };
        recordAct(tx, { actor, action: 'impersonation.began', subject, detail });
        return { cookie };
      });
      // Thrown here and not above: that would undo its entry.
      if (begun.refusal !== undefined) throw begun.refusal();
      return begun.cookie;
    },

    async token(operator) {
      const actor = actorOf(operator);
      const standing = await database.transaction((tx) => useStanding(tx, operator, adminSessions));
      if (standing === undefined) throw notActing();
      const { seconds, ...identity } = standing;
      return auth.accessTokens.issue({ ...identity, actor }, seconds);
    },

    end: (operator) =>
      database.transaction(async (tx) => {
        const where = eq(impersonations.adminId, operator.id);
        await endWhere(tx, where, { revocations, actor: actorOf(operator) });
        return (await adminSessions.renew(tx, operator, false)).cookie;
      }),

    close: () => loop.close(),
  };
}

/** Why an operator may not act in a user's place, by what the database says at this moment. */
async function refusalOf(
  tx: Transaction,
  { id, sessionId }: Operator,
  userId: string,
  adminSessions: Pick<AdminSessions, 'going'>,
): Promise<ErrorKind | undefined> {
  // Locked: of two that one operator begins at once, the second finds the first.
  const [own] = await tx
    .select({ role: adminUsers.role })
    .from(adminUsers)
    .where(and(eq(adminUsers.id, id), isNull(adminUsers.disabledAt)))
    .for('update');
  if (own === undefined || !may(own.role, 'customers.impersonate')) return permissionDenied;
  const going = await adminSessions.going(tx, [sessionId]);
  if (!going.has(sessionId)) return permissionDenied;

  const running = await tx
    .select({ id: impersonations.id })
    .from(impersonations)
    .where(
      and(
        eq(impersonations.adminId, id),
        isNull(impersonations.endedAt),
        gt(impersonations.expiresAt, now),
      ),
    );
  if (running.length > 0) return alreadyActing;

  const [subject] = await tx
    .select({ operatorId: adminUsers.id })
    .from(users)
    .leftJoin(adminUsers, eq(adminUsers.email, users.email))
    .where(eq(users.id, userId));
  if (subject === undefined) return notFound;
  // The operator's own address among them.
  return subject.operatorId === null ? undefined : subjectIsOperator;
}

/** Adds it, and the session of the user's that it acts in, which the user sees and can end. */
async function addImpersonation(
  tx: Transaction,
  operator: Operator,
  userId: string,
  reason: string,
): Promise<string> {
  const id = newId();
  const expiresAt = inSeconds(longest);
  const [user] = await tx
    .select({ accountId: users.accountId })
    .from(users)
    .where(eq(users.id, userId));
  if (user === undefined) throw notFound();
  await tx.insert(sessions).values({
    id,
    userId,
    accountId: user.accountId,
    userAgent: `${service.name} support`,
    expiresAt,
  });
  await tx.insert(impersonations).values({
    id,
    adminId: operator.id,
    adminSessionId: operator.sessionId,
    userId,
    reason,
    expiresAt,
  });
  return id;
}

/**
 * What a token may be made from, where the impersonation goes on. The session is locked: whatever
 * ends it does so before this, or finds that it was in use.
 */
async function useStanding(
  tx: Transaction,
  operator: Operator,
  adminSessions: Pick<AdminSessions, 'going'>,
) {
  const id = operator.impersonation?.id;
  if (id === undefined) return undefined;
  await tx.select({ id: sessions.id }).from(sessions).where(eq(sessions.id, id)).for('update');
  const where = and(eq(impersonations.id, id), eq(impersonations.adminId, operator.id));
  const [standing] = await findImpersonations(tx, { where, going: true });
  if (standing === undefined || standing.accountId === null) return undefined;
  const { adminSessionId, userId, accountId, seconds } = standing;
  const going = await adminSessions.going(tx, [adminSessionId]);
  if (!going.has(adminSessionId)) return undefined;
  // Every process looks for the ended sessions among those that were in use lately.
  await tx.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, id));
  recordAct(tx, {
    actor: actorOf(operator),
    action: 'impersonation.token_issued',
    subject: `user:${userId}`,
    detail: { impersonationId: id },
  });
  return { userId, accountId, sessionId: id, seconds };
}
