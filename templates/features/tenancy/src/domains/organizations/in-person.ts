import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import {
  confirmPassword,
  wrongCurrentPassword,
} from '#app/domains/auth/account/confirm-password.ts';
import { invalidCode, secondFactorRequired } from '#app/domains/auth/errors.ts';
import { users } from '#app/domains/auth/models.ts';
import { proveFactor, type Proof } from '#app/domains/auth/second-factor/prove-factor.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { Sealing } from '#app/platform/sealing.ts';

/** What shows that it is the user, and not who has found an access token. */
export interface PersonalProof {
  readonly currentPassword: string;
  /** Of the second factor, where the user has one. */
  readonly factor: Proof | undefined;
}

/**
 * Does in one transaction what cannot be undone, for a user who proves once more who is there.
 *
 * @throws wrong_password, second_factor_required, invalid_code, too_many_attempts, sign_in_busy
 */
export type InPerson = <T>(
  userId: string,
  proof: PersonalProof,
  work: (tx: Transaction) => Promise<T>,
) => Promise<T>;

export function inPersonWith(deps: {
  database: Database;
  sealing: Sealing;
  auth: Pick<AuthService, 'passwords' | 'throttle'>;
}): InPerson {
  const { database, sealing, auth } = deps;

  return async (userId, { currentPassword, factor }, work) => {
    const { passwords, throttle } = auth;
    const parts = { database, passwords, throttle };
    const { passwordHash } = await confirmPassword(parts, userId, currentPassword);
    const enter = () =>
      database.transaction(async (tx) => {
        const proved = await proveFactor(tx, sealing, userId, factor);
        if (proved === 'missing') throw secondFactorRequired();
        if (proved === 'wrong') return undefined;
        const result = await work(tx);
        await requireSamePassword(tx, userId, passwordHash);
        return { result };
      });
    const entered =
      factor === undefined ? await enter() : await throttle.attempt(['code', userId], enter);
    if (entered === undefined) throw invalidCode();
    return entered.result;
  };
}

/**
 * A password that was changed meanwhile ends what the old one could begin. The user is locked last:
 * whoever joins an organization locks that before the user, too.
 */
async function requireSamePassword(
  tx: Transaction,
  userId: string,
  passwordHash: string,
): Promise<void> {
  const same = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.passwordHash, passwordHash)))
    .for('update');
  if (same.length === 0) throw wrongCurrentPassword();
}
