import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { renameAccount } from '#app/domains/accounts/service.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { emailTaken, invalidLink, sameEmail } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { confirmPassword, wrongCurrentPassword } from './confirm-password.ts';
import { endEmailTokens, issueEmailToken, useEmailToken } from './email-tokens.ts';
import type { Links } from './links.ts';
import {
  addressInUseMail,
  confirmEmailChangeMail,
  emailChangeAskedMail,
  emailChangedMail,
} from './mails.ts';

export interface EmailChange {
  /**
   * Sends a link to the new address, and a notice to the old one. Where the new address is somebody
   * else's, its owner gets a notice in place of the link, and the answer is the same.
   *
   * @param input `ip` is where it was asked for
   * @throws wrong_password, same_email, too_many_attempts, sign_in_busy
   */
  ask(userId: string, input: { currentPassword: string; email: string; ip: string }): Promise<void>;
  /**
   * Makes the address of a link that was followed the user's.
   *
   * @throws invalid_link; email_taken where somebody else has got the address meanwhile
   */
  confirm(token: string): Promise<void>;
}

export function emailChange(deps: {
  database: Database;
  outbox: Outbox;
  passwords: Passwords;
  links: Links;
  throttle: Throttle;
}): EmailChange {
  const { database, outbox, links, throttle } = deps;

  return {
    async ask(userId, { currentPassword, email, ip }) {
      const user = await confirmPassword(deps, userId, currentPassword);
      if (email === user.email) throw unchanged();
      const send = () =>
        database.transaction((tx) =>
          askNewAddress(tx, {
            userId,
            email,
            currentEmail: user.email,
            passwordHash: user.passwordHash,
          }),
        );
      // Counted for the user as well: he could write to one address after another.
      await throttle.charge(['mail', userId], () => throttle.charge(['mail', email, ip], send));
    },

    async confirm(token) {
      try {
        await database.transaction((tx) => takeAddress(tx, outbox, token));
      } catch (error) {
        if (isDuplicate(error, 'users_email')) throw emailTaken();
        throw error;
      }
    },
  };

  async function askNewAddress(
    tx: Transaction,
    asked: { userId: string; email: string; currentEmail: string; passwordHash: string },
  ): Promise<void> {
    const { userId, email, currentEmail, passwordHash } = asked;
    // A password that was changed meanwhile has ended what the old one could begin.
    if (!(await lockUser(tx, userId, passwordHash))) throw wrongCurrentPassword();
    const owners = await tx.select({ id: users.id }).from(users).where(eq(users.email, email));
    const token = await issueEmailToken(tx, { userId, purpose: 'change', email });
    const confirm = links.confirmEmailChange(token);
    await sendMail(
      outbox,
      tx,
      owners.length === 0 ? confirmEmailChangeMail(email, { confirm }) : addressInUseMail(email),
    );
    const notice = { newEmail: email, forgot: links.forgotPassword };
    await sendMail(outbox, tx, emailChangeAskedMail(currentEmail, notice));
    recordAct(tx, {
      actor: `user:${userId}`,
      action: 'user.email_change_asked',
      subject: `user:${userId}`,
    });
  }
}

async function lockUser(tx: Transaction, id: string, passwordHash: string): Promise<boolean> {
  const found = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash)))
    .for('update');
  return found.length === 1;
}

async function takeAddress(tx: Transaction, outbox: Outbox, token: string): Promise<void> {
  const link = await useEmailToken(tx, 'change', token);
  if (link === undefined) throw invalidLink();
  const { userId, accountId, email, currentEmail } = link;
  await tx
    .update(users)
    .set({ email, emailVerifiedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(eq(users.id, userId), eq(users.email, currentEmail)));
  await renameAccount(tx, accountId, { from: currentEmail, to: email });
  await endEmailTokens(tx, userId, ['verify', 'reset', 'change']);
  await sendMail(outbox, tx, emailChangedMail(currentEmail, { newEmail: email }));
  recordAct(tx, {
    actor: `user:${userId}`,
    action: 'user.email_changed',
    subject: `user:${userId}`,
  });
}

function unchanged() {
  const detail = 'This is your address already.';
  return sameEmail({ detail, errors: [{ pointer: '#/email', detail }] });
}
