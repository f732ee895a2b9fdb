import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';

const { name } = service;

export function trialEndsMail(to: string, { plan, end }: { plan: string; end: Date }): Mail {
  return {
    to,
    subject: `Your trial of ${name} ends soon`,
    paragraphs: [
      `Your trial of ${plan} ends on ${dayOf(end)}. From then on it is charged to the payment method that you gave.`,
      `If you do not want to keep it, cancel before that day, and nothing is charged.`,
    ],
  };
}

export function subscriptionEndedMail(to: string, { plan }: { plan: string }): Mail {
  return {
    to,
    subject: `Your subscription to ${name} has ended`,
    paragraphs: [
      `Your subscription to ${plan} has ended, and nothing more is charged for it.`,
      `Your account stays, with what is free. You can subscribe again at any time.`,
    ],
  };
}

/** In UTC, and said so: nobody told us where the reader is. */
function dayOf(date: Date): string {
  const day = date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return `${day} (UTC)`;
}
