// The authenticator app of a user: setting it up, taking it away, and the codes for when it is lost.
import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { service } from '#app/service.ts';
import type { Identity } from '../access-tokens.ts';
import { confirmPassword } from '../account/confirm-password.ts';
import { emailNotVerified, invalidCode, noSecondFactor, secondFactorExists } from '../errors.ts';
import { totpFactors, users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import { endSessionsOf } from '../sessions/end-sessions.ts';
import type { Revocations } from '../sessions/revocations.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { dropFactor } from './drop-factor.ts';
import { codesRenewedMail, factorDisabledMail, factorEnabledMail } from './mails.ts';
import { proveFactor, totpPurpose, useCode, type Proof } from './prove-factor.ts';
import { renewRecoveryCodes } from './recovery-codes.ts';
import { base32, otpauthUrl, totpSecretBytes } from './totp.ts';

type LockedUser = Pick<typeof users.$inferSelect, 'email' | 'emailVerifiedAt'>;

export interface SecondFactor {
  /**
   * Makes a secret for an authenticator app. It guards nothing until a first code confirms it. The
   * user's address has to be verified: somebody else's account is not to be locked with an app.
   *
   * @throws wrong_password, email_not_verified, second_factor_exists, too_many_attempts, sign_in_busy
   */
  begin(who: Identity, password: string): Promise<{ secret: string; url: string }>;
  /**
   * Takes the first code, and gives the recovery codes.
   *
   * @throws invalid_code, email_not_verified, no_second_factor where none was begun, too_many_attempts
   */
  confirm(who: Identity, code: string): Promise<string[]>;
  /** @throws wrong_password, invalid_code, no_second_factor, too_many_attempts, sign_in_busy */
  remove(who: Identity, password: string, proof: Proof | undefined): Promise<void>;
  /**
   * Gives new recovery codes in place of those that are left.
   *
   * @throws wrong_password, invalid_code, no_second_factor, too_many_attempts, sign_in_busy
   */
  renewCodes(who: Identity, password: string, proof: Proof | undefined): Promise<string[]>;
}

export function secondFactor(deps: {
  database: Database;
  sealing: Sealing;
  outbox: Outbox;
  revocations: Revocations;
  passwords: Passwords;
  throttle: Throttle;
}): SecondFactor {
  const { database, sealing, throttle } = deps;

  /** Does what takes a code; where that is wrong, the attempt counts. */
  async function withCode<T>(
    { userId }: Identity,
    work: (tx: Transaction) => Promise<T | undefined>,
  ): Promise<T> {
    const result = await throttle.attempt(['code', userId], () => database.transaction(work));
    if (result === undefined) throw invalidCode();
    return result;
  }

  return {
    async begin({ userId }, password) {
      await confirmPassword(deps, userId, password);
      const secret = randomBytes(totpSecretBytes);
      const email = await database.transaction((tx) => store(tx, sealing, userId, secret));
      return { secret: base32(secret), url: otpauthUrl(secret, service.name, email) };
    },

    confirm: (who, code) =>
      withCode(who, async (tx) => {
        if (!(await confirmFactor(tx, sealing, who.userId, code))) return undefined;
        const codes = await renewRecoveryCodes(tx, sealing, who.userId);
        await announce(deps, tx, who, 'enabled');
        return codes;
      }),

    async remove(who, password, proof) {
      await confirmPassword(deps, who.userId, password);
      await withCode(who, async (tx) => {
        if (!(await proveExisting(tx, sealing, who.userId, proof))) return undefined;
        await dropFactor(tx, who.userId);
        await announce(deps, tx, who, 'disabled');
        return true;
      });
    },

    async renewCodes(who, password, proof) {
      await confirmPassword(deps, who.userId, password);
      return withCode(who, async (tx) => {
        if (!(await proveExisting(tx, sealing, who.userId, proof))) return undefined;
        const codes = await renewRecoveryCodes(tx, sealing, who.userId);
        await announce(deps, tx, who, 'codesRenewed');
        return codes;
      });
    },
  };
}

/**
 * Keeps a new secret, in place of one that was never confirmed.
 *
 * @returns the user's address, which the app shows
 */
async function store(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
  secret: Buffer,
): Promise<string> {
  const email = await lockVerified(tx, userId);
  const sealedSecret = sealing.seal(totpPurpose(userId), secret.toString('base64url'));
  await tx
    .delete(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt)));
  try {
    await tx.insert(totpFactors).values({ userId, sealedSecret });
  } catch (error) {
    if (isDuplicate(error)) throw secondFactorExists();
    throw error;
  }
  return email;
}

async function confirmFactor(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
  code: string,
): Promise<boolean> {
  await lockVerified(tx, userId);
  const [factor] = await tx
    .select({
      sealedSecret: totpFactors.sealedSecret,
      confirmedAt: totpFactors.confirmedAt,
      time: sql<number>`UNIX_TIMESTAMP()`,
    })
    .from(totpFactors)
    .where(eq(totpFactors.userId, userId));
  if (factor === undefined) throw noSecondFactor();
  if (factor.confirmedAt !== null) throw secondFactorExists();
  if (!(await useCode(tx, sealing, { userId, ...factor }, code))) return false;
  await tx
    .update(totpFactors)
    .set({ confirmedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt)));
  return true;
}

async function proveExisting(
  tx: Transaction,
  sealing: Sealing,
  userId: string,
  proof: Proof | undefined,
): Promise<boolean> {
  await lockUser(tx, userId);
  const [factor] = await tx
    .select({ confirmedAt: totpFactors.confirmedAt })
    .from(totpFactors)
    .where(eq(totpFactors.userId, userId));
  if (factor === undefined || factor.confirmedAt === null) throw noSecondFactor();
  return (await proveFactor(tx, sealing, userId, proof)) === 'proved';
}

/**
 * A sign-in holds the same lock: one that began without the factor has ended before it is there, and
 * its session ends with the others.
 */
async function lockUser(tx: Transaction, userId: string): Promise<LockedUser> {
  const [user] = await tx
    .select({ email: users.email, emailVerifiedAt: users.emailVerifiedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for('update');
  if (user === undefined) throw noSecondFactor();
  return user;
}

/**
 * The same, for what takes an address that is verified.
 *
 * @throws email_not_verified
 */
async function lockVerified(tx: Transaction, userId: string): Promise<string> {
  const { email, emailVerifiedAt } = await lockUser(tx, userId);
  if (emailVerifiedAt !== null) return email;
  throw emailNotVerified({
    detail: 'Follow the link in the mail that was sent to your address first.',
  });
}

const changes = {
  enabled: { action: 'user.second_factor_enabled', mail: factorEnabledMail },
  disabled: { action: 'user.second_factor_disabled', mail: factorDisabledMail },
  codesRenewed: { action: 'user.recovery_codes_renewed', mail: codesRenewedMail },
} as const;

/** What a change of the factor brings with it: the other sessions end, and the user is told. */
async function announce(
  deps: { outbox: Outbox; revocations: Revocations },
  tx: Transaction,
  { userId, sessionId }: Identity,
  change: keyof typeof changes,
): Promise<void> {
  const { outbox, revocations } = deps;
  await endSessionsOf(tx, userId, { askedBy: sessionId, keepAsking: true, revocations });
  const { email } = await lockUser(tx, userId);
  const { action, mail } = changes[change];
  await sendMail(outbox, tx, mail(email));
  const user = `user:${userId}`;
  recordAct(tx, { actor: user, action, subject: user });
}
