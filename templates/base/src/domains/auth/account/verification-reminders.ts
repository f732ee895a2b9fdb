import { AppError } from '#app/errors.ts';
import type { Log } from '#app/log.ts';
import type { EmailVerification } from './email-verification.ts';

export interface VerificationReminders {
  /**
   * Sends the link that verifies a user's address again, as often as the budget for mails allows.
   * Nothing is waited for: the time of an answer must not tell that there is somebody to remind.
   */
  remind(userId: string): void;
  /** Waits for what was begun. */
  close(): Promise<void>;
}

export function verificationReminders(deps: {
  emailVerification: EmailVerification;
  log: Log;
}): VerificationReminders {
  const { emailVerification, log } = deps;
  const begun = new Set<Promise<void>>();

  async function send(userId: string): Promise<void> {
    try {
      await emailVerification.resend(userId);
    } catch (error) {
      if (error instanceof AppError) return;
      log.error({ err: error }, 'The link that verifies an address could not be sent again');
    }
  }

  return {
    remind(userId) {
      const sending = send(userId).finally(() => begun.delete(sending));
      begun.add(sending);
    },
    async close() {
      await Promise.all(begun);
    },
  };
}
