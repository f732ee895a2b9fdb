import type { Stripe } from 'stripe';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { contactsOf } from '../contacts.ts';
import { firstTime } from '../effects.ts';
import { formatMoney } from '../money.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { refundFailedMail, refundSentMail } from './mails.ts';

/** Tells whose money it is that it was sent back, and that it came back to us: each once. */
export async function tellOfRefund(
  { tx, outbox }: HandlerContext,
  accountId: string,
  refund: Stripe.Refund,
): Promise<void> {
  const { id, status } = refund;
  if (status !== 'succeeded' && status !== 'failed') return;
  if (!(await firstTime(tx, accountId, `refund.${status}:${id}`))) return;
  const mail = status === 'succeeded' ? refundSentMail : refundFailedMail;
  const amount = formatMoney(refund.amount, refund.currency);
  for (const to of await contactsOf(tx, accountId))
    await sendMail(outbox, tx, mail(to, { amount }));
}
