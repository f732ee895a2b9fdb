import type { Mail } from '#app/platform/mail/mail.ts';
import { service } from '#app/service.ts';

const { name } = service;

/** @param about.amount as it is read: `€5.00` */
export function refundSentMail(to: string, { amount }: { amount: string }): Mail {
  return {
    to,
    subject: `Your refund from ${name}`,
    paragraphs: [
      `We have sent ${amount} back to the payment method that you paid with.`,
      `It can take ten days until your bank shows it. If you see neither a refund nor the original payment then, the bank has cancelled the payment instead.`,
    ],
  };
}

export function refundFailedMail(to: string, { amount }: { amount: string }): Mail {
  return {
    to,
    subject: `Your refund from ${name} did not arrive`,
    paragraphs: [
      `Your bank has not accepted ${amount} that we sent back to the payment method that you paid with, so the money is still here.`,
      `Please tell us how else you want to have it.`,
    ],
  };
}
