import type { Mail } from '#app/platform/mail/mail.ts';
import { service } from '#app/service.ts';
import { graceSentences, type Grace } from '../grace-mails.ts';

const { name } = service;

/**
 * The bank wants to hear from the customer before it pays.
 *
 * @param about.grace what the account keeps for now, where it owes the payment
 */
export function confirmPaymentMail(
  to: string,
  { amount, url, grace }: { amount: string; url: string; grace: Grace | undefined },
): Mail {
  return {
    to,
    subject: `Confirm your payment to ${name}`,
    paragraphs: [
      `Your bank wants you to confirm a payment of ${amount} to ${name}. Do it on this page:`,
      { link: url, label: 'Confirm the payment' },
      `Until then it is not paid.`,
      ...(grace === undefined ? [] : [graceSentences(grace)]),
    ],
  };
}
