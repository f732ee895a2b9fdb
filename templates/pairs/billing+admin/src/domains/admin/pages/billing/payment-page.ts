// One payment, and how it is given back.
import { html } from 'ghtml';
import { z } from 'zod';
import { refundOutdated, refundTooLarge } from '#app/domains/billing/errors.ts';
import { decimalOf, parseMoney } from '#app/domains/billing/money.ts';
import type { Payment } from '#app/domains/billing/payments/payments.ts';
import type { Refund } from '#app/domains/billing/refunds/refunds.ts';
import { notFound, validationFailed } from '#app/http/errors.ts';
import { actorOf } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { table } from '../components/table.ts';
import { link, moment, section, state, text } from '../components/values.ts';
import { findOwners } from '../customers/account-owners.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { disputeOf, leftOf } from './payments-section.ts';
import { money, stripeLink, words } from './values.ts';

const params = z.object({ accountId: z.uuid(), id: z.uuid() });

const refund = defineAction({
  label: 'Refund',
  confirm: 'Send this money back. It cannot be taken back.',
  permission: 'refunds.create',
  sensitive: true,
  params,
  input: z.object({
    amount: z.string(),
    reason: z.enum(['requested_by_customer', 'duplicate', 'fraudulent']),
    /** What was refunded when the form was shown. */
    refunded: z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
  }),
  fields: {
    amount: {
      kind: 'text',
      label: 'Amount',
      hint: 'In the currency of the payment, such as 12.50.',
      inputMode: 'decimal',
      maxLength: 20,
    },
    reason: {
      kind: 'select',
      label: 'Reason',
      hint: 'Fraudulent has Stripe block the card and the address from then on.',
      options: [
        { value: 'requested_by_customer', label: 'Requested by the customer' },
        { value: 'duplicate', label: 'Duplicate' },
        { value: 'fraudulent', label: 'Fraudulent' },
      ],
    },
  },
  done: 'The refund is written down, and asked of Stripe now. Its state is below.',
  refusals: [validationFailed, refundTooLarge, refundOutdated],
  run: async ({ services, operator, params: { accountId, id }, input }) => {
    const { payments, refunds } = services.billing;
    const payment = await payments.find(accountId, id);
    if (payment === undefined) throw notFound();
    await refunds.request({
      accountId,
      paymentId: id,
      amount: readAmount(input.amount, payment.currency),
      reason: input.reason,
      requestedBy: actorOf(operator),
      refundedBefore: input.refunded,
    });
  },
});

export const paymentPage = defineAdminPage({
  path: '/payments/:accountId/:id',
  title: 'Payment',
  permission: 'payments.read',
  params,
  load: async ({ services: { settings, database, billing }, params: { accountId, id } }) => {
    const payment = await billing.payments.find(accountId, id);
    if (payment === undefined) throw notFound();
    const [refunds, owners] = await Promise.all([
      billing.refunds.listOf(accountId, id),
      findOwners(database.queries, accountId),
    ]);
    return { payment, refunds, owners, atStripe: stripeLink(settings) };
  },
  view: ({ payment, refunds, owners, atStripe }, view) => {
    const { currency, disputeStatus } = payment;
    return html`!${facts([
      ['Customer', owners.map(({ path, label }) => link(path, label)).join(', ')],
      ['Amount', money(payment.amount, currency)],
      ['Refunded', money(payment.refunded, currency)],
      ['Left', money(leftOf(payment), currency)],
      ['Dispute', disputeOf(disputeStatus)],
      ['Paid', moment(payment.paidAt)],
      ['Charge', atStripe(payment.stripeChargeId)],
      ['Payment intent', atStripe(payment.stripePaymentIntentId)],
    ])}
    !${view.may(refund.permission) ? section('Refund', refundForm(payment, view)) : ''}
    !${section('Refunds', refundTable(refunds))}`;
  },
  actions: { refund },
});

function refundForm(payment: Payment, view: View): string {
  const left = leftOf(payment);
  if (left <= 0) return html`<p>All of it is refunded, see below: nothing is left.</p>`;
  const values = {
    amount: decimalOf(left, payment.currency),
    reason: 'requested_by_customer',
    refunded: payment.refunded,
  };
  return html`!${
    payment.disputeStatus === null
      ? ''
      : html`<p class="hint">A dispute is about this payment: Stripe may refuse to refund it.</p>`
  }
  !${view.form('refund', { values })}`;
}

function refundTable(refunds: readonly Refund[]): string {
  return table(
    refunds,
    [
      { title: 'Asked for', cell: ({ createdAt }) => moment(createdAt) },
      { title: 'Amount', cell: ({ amount, currency }) => money(amount, currency), align: 'end' },
      { title: 'State', cell: ({ status }) => state(words(status), moods[status]) },
      { title: 'Reason', cell: ({ reason }) => text(words(reason)) },
      { title: 'By', cell: ({ requestedBy }) => text(requestedBy) },
      { title: 'Failure', cell: ({ failure }) => text(failure) },
    ],
    { caption: 'Refunds of this payment', empty: 'Nothing of it was refunded.' },
  );
}

const moods: Partial<Record<Refund['status'], 'good' | 'bad'>> = {
  succeeded: 'good',
  failed: 'bad',
  requires_action: 'bad',
};

/** @throws AppError validation_failed, about the field `amount` */
function readAmount(typed: string, currency: string): number {
  const amount = parseMoney(typed, currency);
  if (amount !== undefined && amount > 0) return amount;
  const detail = `Type an amount above 0 as in ${decimalOf(1250, currency)}, without a sign or a comma.`;
  throw validationFailed({
    detail: 'The amount cannot be read.',
    errors: [{ pointer: '#/amount', detail }],
  });
}
