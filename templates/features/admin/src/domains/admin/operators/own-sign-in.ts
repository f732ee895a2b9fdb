// What operators change about their own sign-in. Whatever changes it ends all their sessions, the
// one that asks too: who has taken a session over is out (ASVS 5.0, 7.4.3).
import { and, eq, isNull } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { wrongCurrentPassword } from '#app/domains/auth/account/confirm-password.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { adminUsers } from '../models.ts';
import { adminSignInRequired } from '../errors.ts';
import { actorOf, type Operator } from '../operator.ts';
import type { StoredSession } from '../sessions/session-store.ts';
import type { AdminSessions } from '../sessions/sessions.ts';
import { confirmOffer, offerSecret, renewRecoveryCodes, unixTime, type Offer } from './factor.ts';
import { wrongCode } from './invitations.ts';

export type OwnSession = Pick<
  StoredSession,
  'id' | 'createdAt' | 'lastUsedAt' | 'ip' | 'userAgent'
>;

/** What changes a sign-in throws admin_sign_in_required where the session that asks has ended. */
export interface OwnSignIn {
  /** The sessions that go on, the newest first. */
  sessions(operator: Operator): Promise<OwnSession[]>;
  /** Nothing happens where it has ended, or is another's. */
  endSession(operator: Operator, sessionId: string): Promise<void>;
  /** @throws wrong_password, weak_password, too_many_attempts, sign_in_busy */
  changePassword(operator: Operator, currentPassword: string, password: string): Promise<void>;
  /** Gives new recovery codes, to be shown once; those that were left are void. */
  renewRecoveryCodes(operator: Operator): Promise<string[]>;
  /** A secret for another app: a new one, or the one that a form has brought back. */
  offerFactor(operator: Operator, offer?: string): Offer;
  /**
   * Has another app take the place of the one that there was.
   *
   * @returns new recovery codes, to be shown once
   * @throws wrong_first_code
   */
  replaceFactor(operator: Operator, offer: string, code: string): Promise<string[]>;
}

export function openOwnSignIn(deps: {
  database: Database;
  sealing: Sealing;
  sessions: AdminSessions;
  auth: Pick<AuthService, 'passwords' | 'policy' | 'throttle'>;
}): OwnSignIn {
  const { database, sealing, sessions, auth } = deps;

  return {
    sessions: ({ id }) => sessions.list(id),

    async endSession(operator, sessionId) {
      const own = await sessions.list(operator.id);
      if (!own.some(({ id }) => id === sessionId)) return;
      await database.transaction(async (tx) => {
        await sessions.end(tx, sessionId);
        await record(tx, operator, 'admin.session_ended');
      });
    },

    async changePassword(operator, currentPassword, password) {
      const { id, email } = operator;
      const current = await passwordOf(database, id);
      const isRight = await auth.throttle.attempt(['confirmation', actorOf(operator)], () =>
        auth.passwords.verify(currentPassword, current),
      );
      if (!isRight || current === undefined) throw wrongCurrentPassword();
      auth.policy.check(password, email);
      const passwordHash = await auth.passwords.hash(password);

      await database.transaction(async (tx) => {
        await lock(tx, operator, sessions);
        const [{ affectedRows }] = await tx
          .update(adminUsers)
          .set({ passwordHash })
          .where(and(eq(adminUsers.id, id), eq(adminUsers.passwordHash, current)));
        // Somebody else was quicker, and what was sent is no longer the current one.
        if (affectedRows === 0) throw wrongCurrentPassword();
        await sessions.endAllOf(tx, id);
        await record(tx, operator, 'admin.password_changed');
      });
    },

    renewRecoveryCodes: (operator) =>
      database.transaction(async (tx) => {
        await lock(tx, operator, sessions);
        const codes = await renewRecoveryCodes(tx, sealing, operator.id);
        await record(tx, operator, 'admin.recovery_codes_renewed');
        return codes;
      }),

    offerFactor: (operator, offer) => offerSecret(sealing, operator, offer),

    replaceFactor: (operator, offer, code) =>
      database.transaction(async (tx) => {
        const time = await lock(tx, operator, sessions);
        const factor = confirmOffer(sealing, operator.id, { offer, code }, time);
        if (factor === undefined) throw wrongCode();
        await tx.update(adminUsers).set(factor).where(eq(adminUsers.id, operator.id));
        const codes = await renewRecoveryCodes(tx, sealing, operator.id);
        await sessions.endAllOf(tx, operator.id);
        await record(tx, operator, 'admin.second_factor_replaced');
        return codes;
      }),
  };
}

async function passwordOf(database: Database, id: string): Promise<string | undefined> {
  const [row] = await database.queries
    .select({ passwordHash: adminUsers.passwordHash })
    .from(adminUsers)
    .where(eq(adminUsers.id, id));
  return row?.passwordHash ?? undefined;
}

/**
 * Locks an operator, as a sign-in does. Resolves to the time, in seconds since 1970.
 *
 * @throws admin_sign_in_required where the session has ended: whoever has ended it has shut out who
 *   asks, and that must not leave a factor behind that lets them in again
 */
async function lock(
  tx: Transaction,
  { id, sessionId }: Operator,
  sessions: Pick<AdminSessions, 'going'>,
): Promise<number> {
  const [row] = await tx
    .select({ time: unixTime })
    .from(adminUsers)
    .where(and(eq(adminUsers.id, id), isNull(adminUsers.disabledAt)))
    .for('update');
  const going = await sessions.going(tx, [sessionId]);
  if (row === undefined || !going.has(sessionId)) throw adminSignInRequired();
  return row.time;
}

async function record(tx: Transaction, operator: Operator, action: string): Promise<void> {
  const admin = actorOf(operator);
  recordAct(tx, { actor: admin, action, subject: admin });
}
