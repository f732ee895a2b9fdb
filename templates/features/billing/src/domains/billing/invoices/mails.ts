import type { Mail } from '#app/platform/mail/mail.ts';
import { service } from '#app/service.ts';

const { name } = service;

/** The bank wants to hear from the customer before it pays. */
export function confirmPaymentMail(
  to: string,
  { amount, url }: { amount: string; url: string },
): Mail {
  return {
    to,
    subject: `Confirm your payment to ${name}`,
    text: [
      `Your bank wants you to confirm a payment of ${amount} to ${name}. Do it on this page:`,
      url,
      `Until then it is not paid.`,
    ].join('\n\n'),
  };
}
