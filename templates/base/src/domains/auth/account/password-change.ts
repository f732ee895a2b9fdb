import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Identity } from '../access-tokens.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import { endSessionsOf } from '../sessions/end-sessions.ts';
import type { Revocations } from '../sessions/revocations.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { confirmPassword, wrongCurrentPassword } from './confirm-password.ts';
import { endEmailTokens } from './email-tokens.ts';
import type { Links } from './links.ts';
import { passwordChangedMail } from './mails.ts';
import type { PasswordPolicy } from './password-policy.ts';

export interface PasswordChange {
  /**
   * Sets a new password. Ends every other session of the user, and what links in mails could have
   * changed with the old one.
   *
   * @throws wrong_password, weak_password, too_many_attempts, sign_in_busy
   */
  change(identity: Identity, input: { currentPassword: string; password: string }): Promise<void>;
}

export function passwordChange(deps: {
  database: Database;
  outbox: Outbox;
  passwords: Passwords;
  policy: PasswordPolicy;
  links: Links;
  revocations: Revocations;
  throttle: Throttle;
}): PasswordChange {
  const { database, outbox, passwords, policy, links, revocations } = deps;

  return {
    async change({ userId, sessionId }, { currentPassword, password }) {
      const user = await confirmPassword(deps, userId, currentPassword);
      policy.check(password, user.email);
      const passwordHash = await passwords.hash(password);

      await database.transaction(async (tx) => {
        const [{ affectedRows }] = await tx
          .update(users)
          .set({ passwordHash })
          .where(and(eq(users.id, userId), eq(users.passwordHash, user.passwordHash)));
        // Somebody else was quicker, and what was sent is no longer the current one.
        if (affectedRows === 0) throw wrongCurrentPassword();
        await endEmailTokens(tx, userId, ['reset', 'change']);
        await endSessionsOf(tx, userId, { askedBy: sessionId, keepAsking: true, revocations });
        const { forgotPassword: forgot } = links;
        await sendMail(outbox, tx, passwordChangedMail(user.email, { forgot }));
        recordAct(tx, {
          actor: `user:${userId}`,
          action: 'user.password_changed',
          subject: `user:${userId}`,
        });
      });
    },
  };
}
