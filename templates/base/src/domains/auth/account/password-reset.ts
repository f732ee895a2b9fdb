import { eq, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { invalidLink } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import { dropFactor } from '../second-factor/drop-factor.ts';
import { endSessionsOf } from '../sessions/end-sessions.ts';
import { rememberDevice } from '../sign-in/known-devices.ts';
import type { Revocations } from '../sessions/revocations.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { endEmailTokens, findEmailToken, issueEmailToken, useEmailToken } from './email-tokens.ts';
import type { Links } from './links.ts';
import { noAccountMail, passwordChangedMail, resetPasswordMail } from './mails.ts';
import type { PasswordPolicy } from './password-policy.ts';

export interface PasswordReset {
  /**
   * Sends a link that sets a new password. An address without an account gets a mail that says so,
   * after the same statements, so that nobody can tell from here which it was.
   *
   * @param ip where it was asked for
   * @param actor who has asked for it, for the audit log; nobody that is known, where it is left out
   * @throws too_many_attempts
   */
  forgot(email: string, ip: string, actor?: string): Promise<void>;
  /**
   * Sets a new password, which proves the address too, and ends every session of the user. A
   * password that is refused leaves the link as it was.
   *
   * Whoever guesses at the address meanwhile does not keep its owner out: what the guesses have used
   * up is given back, and the device on which the link was followed is known from here on.
   *
   * A link that verifies the address for the first time also removes a second factor: nobody who had
   * shown that the address is his can have set it up.
   *
   * @returns what the device is to keep
   * @throws invalid_link, weak_password, sign_in_busy
   */
  reset(input: { token: string; password: string }): Promise<{ deviceToken: string }>;
}

export function passwordReset(deps: {
  database: Database;
  outbox: Outbox;
  passwords: Passwords;
  policy: PasswordPolicy;
  links: Links;
  revocations: Revocations;
  throttle: Throttle;
}): PasswordReset {
  const { database, outbox, passwords, policy, links, revocations, throttle } = deps;

  return {
    async forgot(email, ip, actor = 'anonymous') {
      const send = () =>
        database.transaction(async (tx) => {
          const [user] = await tx
            .select({ id: users.id })
            .from(users)
            .where(eq(users.email, email))
            .for('update');
          const userId = user?.id ?? newId();
          const token = await issueEmailToken(tx, { userId, purpose: 'reset', email });
          const mail =
            user === undefined
              ? noAccountMail(email)
              : resetPasswordMail(email, { reset: links.resetPassword(token) });
          await sendMail(outbox, tx, mail);
          recordAct(tx, {
            actor,
            action: 'user.password_reset_asked',
            ...(user !== undefined && { subject: `user:${user.id}` }),
          });
        });
      await throttle.charge(['mail', email, ip], send);
    },

    async reset({ token, password }) {
      const found = await findEmailToken(database.queries, 'reset', token);
      if (found === undefined) throw invalidLink();
      policy.check(password, found.email);
      const passwordHash = await passwords.hash(password);

      return database.transaction(async (tx) => {
        const link = await useEmailToken(tx, 'reset', token);
        if (link === undefined) throw invalidLink();
        const { userId, email, emailVerifiedAt } = link;
        await tx
          .update(users)
          .set({
            passwordHash,
            emailVerifiedAt: sql`COALESCE(${users.emailVerifiedAt}, UTC_TIMESTAMP(3))`,
          })
          .where(eq(users.id, userId));
        // Whoever registered with an address that is not his may have set up an app of his own.
        if (emailVerifiedAt === null) await dropFactor(tx, userId);
        await endEmailTokens(tx, userId, ['verify', 'reset', 'change']);
        await endSessionsOf(tx, userId, { revocations });
        const deviceToken = await rememberDevice(tx, userId, undefined);
        await throttle.forget(tx, 'password', email);
        await sendMail(outbox, tx, passwordChangedMail(email, { forgot: links.forgotPassword }));
        recordAct(tx, {
          actor: `user:${userId}`,
          action: 'user.password_reset',
          subject: `user:${userId}`,
        });
        return { deviceToken };
      });
    },
  };
}
