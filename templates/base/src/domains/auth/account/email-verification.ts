import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { invalidLink } from '../errors.ts';
import { users } from '../models.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { issueEmailToken, useEmailToken } from './email-tokens.ts';
import type { Links } from './links.ts';
import { verificationMail } from './mails.ts';

export interface EmailVerification {
  /**
   * Sends the link again. To an address that is verified, nothing is sent.
   *
   * @param actor who has it sent, for the audit log; the user, where it is left out
   * @throws too_many_attempts
   */
  resend(userId: string, actor?: string): Promise<void>;
  /** @throws invalid_link */
  verify(token: string): Promise<void>;
}

export function emailVerification(deps: {
  database: Database;
  outbox: Outbox;
  links: Links;
  throttle: Throttle;
}): EmailVerification {
  const { database, outbox, links, throttle } = deps;

  return {
    async resend(userId, actor = `user:${userId}`) {
      const send = () =>
        database.transaction(async (tx) => {
          const [user] = await tx
            .select({ email: users.email })
            .from(users)
            .where(and(eq(users.id, userId), isNull(users.emailVerifiedAt)))
            .for('update');
          if (user === undefined) return;
          const { email } = user;
          const token = await issueEmailToken(tx, { userId, purpose: 'verify', email });
          await sendMail(outbox, tx, verificationMail(email, { verify: links.verifyEmail(token) }));
          recordAct(tx, {
            actor,
            action: 'user.verification_sent_again',
            subject: `user:${userId}`,
          });
        });
      await throttle.charge(['mail', userId], send);
    },

    verify: (token) =>
      database.transaction(async (tx) => {
        const link = await useEmailToken(tx, 'verify', token);
        if (link === undefined) throw invalidLink();
        await tx
          .update(users)
          .set({ emailVerifiedAt: sql`UTC_TIMESTAMP(3)` })
          .where(
            and(
              eq(users.id, link.userId),
              eq(users.email, link.email),
              isNull(users.emailVerifiedAt),
            ),
          );
        recordAct(tx, {
          actor: `user:${link.userId}`,
          action: 'user.email_verified',
          subject: `user:${link.userId}`,
        });
      }),
  };
}
