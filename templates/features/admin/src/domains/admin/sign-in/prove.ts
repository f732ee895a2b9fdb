import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { AnswerHeaders } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { adminUsers } from '../models.ts';
import { actorOf, type Operator } from '../operator.ts';
import { findCode, unixTime, useCode } from '../operators/factor.ts';
import type { AdminSessions } from '../sessions/sessions.ts';

export interface Proved {
  readonly operator: Operator;
  readonly headers: AnswerHeaders;
}

/**
 * Has an operator prove the second factor once more, by a code or a recovery code. The session goes
 * on under a new token; the old one is worth nothing from then on (ASVS 5.0, 7.2.4).
 *
 * @returns nothing where the code is wrong, or was used before
 * @throws too_many_attempts, admin_sign_in_required
 */
export async function prove(
  deps: {
    database: Database;
    sealing: Sealing;
    sessions: AdminSessions;
    auth: Pick<AuthService, 'throttle'>;
  },
  operator: Operator,
  code: string,
): Promise<Proved | undefined> {
  const { database, sealing, sessions, auth } = deps;
  const { id, sessionId } = operator;
  const admin = actorOf(operator);

  // The session's own budget: who guesses at the operator's address elsewhere does not use it up.
  return auth.throttle.attempt(['code', `admin session:${sessionId}`], () =>
    database.transaction(async (tx) => {
      const [factor] = await tx
        .select({
          id: adminUsers.id,
          sealedSecret: adminUsers.sealedSecret,
          lastStep: adminUsers.lastStep,
          time: unixTime,
        })
        .from(adminUsers)
        .where(eq(adminUsers.id, id))
        .for('update');
      const found = factor && (await findCode(tx, sealing, factor, code));
      if (found === undefined || !(await useCode(tx, id, found))) {
        recordAct(tx, { actor: admin, action: 'admin.proof_failed', subject: admin });
        return undefined;
      }
      const { formToken, cookie } = await sessions.renew(tx, operator, true);
      const detail = { factor: found.kind };
      recordAct(tx, { actor: admin, action: 'admin.proved', subject: admin, detail });
      return {
        operator: { ...operator, formToken, isFresh: true, provenAt: new Date() },
        headers: { 'Set-Cookie': cookie },
      };
    }),
  );
}
