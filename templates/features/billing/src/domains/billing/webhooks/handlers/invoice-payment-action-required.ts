import { sendMail } from '#app/platform/mail/send-mail.ts';
import { contactsOf } from '../../contacts.ts';
import { firstTime } from '../../effects.ts';
import { replaceGraceMail } from '../../grace.ts';
import { confirmPaymentMail } from '../../invoices/mails.ts';
import { formatMoney } from '../../money.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';
import { syncWithSubscription } from './invoice.ts';

/**
 * Asks the customer to confirm a payment, once each time that it is tried. To Stripe that is a payment
 * that failed, of which the mail of grace would tell as well.
 */
export const invoicePaymentActionRequired = defineHandler({
  type: 'invoice.payment_action_required',
  async handle({ data: { object } }, context) {
    const synced = await syncWithSubscription(context, object.id, idOf(object.customer));
    if (synced === undefined) return;
    const { accountId, invoice, subscription } = synced;
    const { hosted_invoice_url: url, attempt_count: attempt } = invoice;
    // By now it may be paid.
    if (invoice.status !== 'open' || url === null || url === undefined) return;

    const source = `invoice.payment_action_required:${invoice.id}:${attempt}`;
    if (!(await firstTime(context.tx, accountId, source))) return;
    const amount = formatMoney(invoice.amount_remaining, invoice.currency);
    const grace = subscription && (await replaceGraceMail(context.tx, subscription));
    for (const to of await contactsOf(context.tx, accountId)) {
      await sendMail(context.outbox, context.tx, confirmPaymentMail(to, { amount, url, grace }));
    }
  },
});
