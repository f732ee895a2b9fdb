import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Passwords } from '../passwords.ts';
import type { User } from '../users.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { addUser } from './add-user.ts';
import { issueEmailToken } from './email-tokens.ts';
import type { Links } from './links.ts';
import { alreadyRegisteredMail, verificationMail } from './mails.ts';
import type { PasswordPolicy } from './password-policy.ts';

export interface Registration {
  /**
   * Makes a user and sends a link that verifies the address. Where the address is taken the answer
   * is alike, made up and after the same work; its owner gets a mail that says so.
   *
   * @param input `ip` is where it comes from
   * @throws weak_password, too_many_attempts, sign_in_busy
   */
  register(input: { email: string; password: string; ip: string }): Promise<User>;
}

export function registration(deps: {
  database: Database;
  outbox: Outbox;
  passwords: Passwords;
  policy: PasswordPolicy;
  links: Links;
  throttle: Throttle;
}): Registration {
  const { database, outbox, passwords, policy, links, throttle } = deps;

  return {
    async register({ email, password, ip }) {
      policy.check(password, email);
      // An address that is taken gets a mail each time.
      return throttle.charge(['mail', email, ip], async () => {
        const passwordHash = await passwords.hash(password);
        return database.transaction((tx) => addAndTell(tx, { email, passwordHash }));
      });
    },
  };

  async function addAndTell(
    tx: Transaction,
    { email, passwordHash }: { email: string; passwordHash: string },
  ): Promise<User> {
    const { user, ownerId } = await addUser(tx, { email, passwordHash });
    const isNew = ownerId === user.id;

    const purpose = isNew ? 'verify' : 'reset';
    const token = await issueEmailToken(tx, { userId: ownerId, purpose, email });
    const mail = isNew
      ? verificationMail(email, { verify: links.verifyEmail(token) })
      : alreadyRegisteredMail(email, {
          reset: links.resetPassword(token),
          forgot: links.forgotPassword,
        });
    await sendMail(outbox, tx, mail);
    recordAct(tx, {
      actor: isNew ? `user:${user.id}` : 'anonymous',
      action: isNew ? 'user.registered' : 'user.registered_again',
      subject: `user:${ownerId}`,
    });
    return user;
  }
}
