import type { Stripe } from 'stripe';
import type { Mail } from '#app/platform/mail/mail.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { service } from '#app/service.ts';
import { contactOf } from '../customers.ts';
import { firstTime } from '../effects.ts';
import { formatMoney } from '../money.ts';
import type { HandlerContext } from '../webhooks/handler.ts';

const { name } = service;

/** Tells whose money it is that it was sent back, and that it came back to us: each once. */
export async function mailRefund(
  { tx, outbox }: HandlerContext,
  accountId: string,
  refund: Stripe.Refund,
): Promise<void> {
  const { id, status } = refund;
  if (status !== 'succeeded' && status !== 'failed') return;
  if (!(await firstTime(tx, accountId, `refund.${status}:${id}`))) return;
  const amount = formatMoney(refund.amount, refund.currency);
  const to = await contactOf(tx, accountId);
  const mail = status === 'succeeded' ? refundSentMail(to, amount) : refundFailedMail(to, amount);
  await sendMail(outbox, tx, mail);
}

function refundSentMail(to: string, amount: string): Mail {
  return {
    to,
    subject: `Your refund from ${name}`,
    text: [
      `We have sent ${amount} back to the payment method that you paid with.`,
      `It can take ten days until your bank shows it. If you see neither a refund nor the original payment then, the bank has cancelled the payment instead.`,
    ].join('\n\n'),
  };
}

function refundFailedMail(to: string, amount: string): Mail {
  return {
    to,
    subject: `Your refund from ${name} did not arrive`,
    text: [
      `Your bank has not accepted ${amount} that we sent back to the payment method that you paid with, so the money is still here.`,
      `Please tell us how else you want to have it.`,
    ].join('\n\n'),
  };
}
