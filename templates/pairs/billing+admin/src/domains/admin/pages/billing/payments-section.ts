import { html } from 'ghtml';
import type { Payment } from '#app/domains/billing/payments/payments.ts';
import { table } from '../components/table.ts';
import { link, moment, state, text } from '../components/values.ts';
import { defineAccountSection } from '../customers/define-section.ts';
import { money, stripeLink, words } from './values.ts';

/** Payments that are listed, the newest first. */
const shown = 20;

export const paymentsSection = defineAccountSection({
  title: 'Payments',
  permission: 'payments.read',
  load: async ({ settings, billing }, { accountId }) => {
    // One more than is shown tells whether there are older ones.
    const payments = await billing.payments.list(accountId, { limit: shown + 1 });
    const hasMore = payments.length > shown;
    return { payments: payments.slice(0, shown), hasMore, atStripe: stripeLink(settings) };
  },
  view: ({ payments, hasMore, atStripe }, view, { accountId }) =>
    html`!${table(
      payments,
      [
        { title: 'Paid', cell: ({ paidAt }) => moment(paidAt) },
        { title: 'Amount', cell: ({ amount, currency }) => money(amount, currency), align: 'end' },
        {
          title: 'Refunded',
          cell: ({ refunded, currency }) =>
            refunded === 0 ? text(null) : money(refunded, currency),
          align: 'end',
        },
        { title: 'Dispute', cell: ({ disputeStatus }) => disputeOf(disputeStatus) },
        { title: 'At Stripe', cell: ({ stripeChargeId }) => atStripe(stripeChargeId) },
        {
          title: 'Page',
          cell: (payment) =>
            link(
              `/admin/payments/${accountId}/${payment.id}`,
              view.may('refunds.create') && leftOf(payment) > 0 ? 'Refund' : 'Show',
            ),
        },
      ],
      { caption: 'Payments', empty: 'Nothing was paid.' },
    )}
    !${hasMore ? html`<p class="hint">Older ones are at Stripe.</p>` : ''}`,
});

/** What of a payment can still be refunded. */
export function leftOf({ amount, refunded }: Payment): number {
  return amount - refunded;
}

export function disputeOf(status: string | null): string {
  if (status === null) return text(status);
  return state(
    words(status),
    ['won', 'warning_closed', 'prevented'].includes(status) ? 'good' : 'bad',
  );
}
