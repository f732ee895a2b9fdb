import type { Stripe } from 'stripe';
import { cardRefused, missing, refused } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { integerOf, needed, objectOf, textOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import type { State } from '../state.ts';
import { draftInvoice } from './invoice-draft.ts';
import { attemptInvoice, finalizeInvoice, markUncollectible, voidInvoice } from './invoice-life.ts';
import { linesFor } from './invoice-lines.ts';
import { cardDeclined } from './payments.ts';
import { changeItems } from './subscription-items.ts';
import { settle } from './subscription-life.ts';
import { findSubscription } from './subscriptions.ts';

export const invoiceRoutes: Routes = {
  'GET /v1/invoices': ({ state, params }) =>
    pageOf('/v1/invoices', invoicesBy(state, params), params),
  'POST /v1/invoices/create_preview': ({ state, params }) => previewInvoice(state, params),
  'GET /v1/invoices/:id': ({ state, id }) => findInvoice(state, id),
  'POST /v1/invoices/:id/finalize': ({ state, id }) => {
    const invoice = findInvoice(state, id);
    if (invoice.status === 'draft') finalizeInvoice(state, invoice);
    return invoice;
  },
  'POST /v1/invoices/:id/void': ({ state, id }) => {
    const invoice = findInvoice(state, id);
    voidInvoice(state, invoice);
    return invoice;
  },
  'POST /v1/invoices/:id/mark_uncollectible': ({ state, id }) => {
    const invoice = findInvoice(state, id);
    markUncollectible(state, invoice);
    return invoice;
  },
  'POST /v1/invoices/:id/pay': ({ state, id }) => {
    const invoice = findInvoice(state, id);
    payInvoice(state, invoice);
    return invoice;
  },
  'GET /v1/invoice_payments': ({ state, params }) =>
    pageOf('/v1/invoice_payments', invoicePaymentsBy(state, params), params),
  'GET /v1/invoice_payments/:id': ({ state, id }) => {
    const payment = state.invoicePayments.get(id);
    if (!payment) throw missing('invoice_payment', id);
    return payment;
  },
};

export function findInvoice(state: State, id: string): Stripe.Invoice {
  const invoice = state.invoices.get(id);
  if (!invoice) throw missing('invoice', id);
  return invoice;
}

/**
 * Pays an invoice with the customer's card, outside of the schedule of retries.
 *
 * @param customerIsThere whether they can confirm it where their bank asks for that
 * @throws Refusal where it is paid, or the card declines
 */
export function payInvoice(state: State, invoice: Stripe.Invoice, customerIsThere = false): void {
  if (invoice.status === 'paid')
    throw refused('Invoice is already paid', { code: 'invoice_already_paid' });
  if (invoice.status === 'draft') finalizeInvoice(state, invoice);
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw refused(`This invoice is ${String(invoice.status)}.`, { code: 'invoice_not_payable' });
  }
  const outcome = attemptInvoice(state, invoice, { customerIsThere });
  settle(state, invoice, outcome);
  if (outcome === 'asked') {
    throw cardRefused(
      'invoice_payment_intent_requires_action',
      'This payment needs the customer to confirm it.',
    );
  }
  if (outcome !== 'paid') throw cardDeclined();
}

function previewInvoice(state: State, params: Params): Stripe.Invoice {
  const subscription = findSubscription(state, needed(params, 'subscription'), 'subscription');
  const details = objectOf(params, 'subscription_details');
  const { changes, lines } = changeItems(state, subscription, details);
  const items = changes.items?.data ?? subscription.items.data;
  const immediate = textOf(details, 'proration_behavior') === 'always_invoice';
  const next = immediate ? [] : linesFor(subscription, items);
  const pending = state.pendingLines.get(subscription.id) ?? [];
  const preview = draftInvoice(state, subscription, 'upcoming', [...pending, ...lines, ...next]);
  const at = integerOf(details, 'proration_date') ?? state.now();
  if (preview.parent?.subscription_details && lines.length > 0) {
    preview.parent.subscription_details.subscription_proration_date = at;
  }
  return { ...preview, id: preview.id.replace('in_', 'upcoming_in_'), auto_advance: false };
}

function invoicesBy(state: State, params: Params): Stripe.Invoice[] {
  const customer = textOf(params, 'customer');
  const subscription = textOf(params, 'subscription');
  const status = textOf(params, 'status');
  return [...state.invoices.values()].filter(
    (invoice) =>
      (customer === undefined || invoice.customer === customer) &&
      (status === undefined || invoice.status === status) &&
      (subscription === undefined ||
        invoice.parent?.subscription_details?.subscription === subscription),
  );
}

function invoicePaymentsBy(state: State, params: Params): Stripe.InvoicePayment[] {
  const invoice = textOf(params, 'invoice');
  const status = textOf(params, 'status');
  const intent = textOf(objectOf(params, 'payment'), 'payment_intent');
  return [...state.invoicePayments.values()].filter(
    (payment) =>
      (invoice === undefined || payment.invoice === invoice) &&
      (status === undefined || payment.status === status) &&
      (intent === undefined || payment.payment.payment_intent === intent),
  );
}
