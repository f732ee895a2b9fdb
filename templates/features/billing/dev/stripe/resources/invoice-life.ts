import type { Stripe } from 'stripe';
import { day } from '../calendar.ts';
import { idOf, newId, type State } from '../state.ts';
import { draftInvoice, type BillingReason } from './invoice-draft.ts';
import { attemptPayment, createPaymentIntent, type Outcome } from './payments.ts';

/** Days after a failed payment on which it is tried again, each counted from the one before. */
const retryDays: readonly number[] = [3, 5, 7];

/** Keeps a new draft, and makes it the subscription's latest invoice. */
export function createInvoice(
  state: State,
  subscription: Stripe.Subscription,
  reason: BillingReason,
  lines: Stripe.InvoiceLineItem[],
): Stripe.Invoice {
  const invoice = draftInvoice(state, subscription, reason, lines);
  state.invoices.set(invoice.id, invoice);
  subscription.latest_invoice = invoice.id;
  state.emit('invoice.created', invoice);
  return invoice;
}

/** Issues a draft: it has a number from now on, and something to pay it by. */
export function finalizeInvoice(state: State, invoice: Stripe.Invoice): void {
  const customer = state.customers.get(idOf(invoice.customer));
  const sequence = customer?.next_invoice_sequence ?? 1;
  if (customer) customer.next_invoice_sequence = sequence + 1;
  Object.assign(invoice, {
    status: 'open',
    number: `${customer?.invoice_prefix ?? 'FAKE'}-${String(sequence).padStart(4, '0')}`,
    effective_at: state.now(),
    hosted_invoice_url: `${state.url}/invoices/${invoice.id}`,
    invoice_pdf: `${state.url}/invoices/${invoice.id}/pdf`,
  });
  invoice.status_transitions.finalized_at = state.now();
  if (invoice.amount_due > 0) createInvoicePayment(state, invoice);
  state.emit('invoice.finalized', invoice);
}

interface Attempt {
  /** Whether it is made by the schedule, which then has a next one. */
  readonly scheduled?: boolean;
  readonly customerIsThere?: boolean;
}

/** Tries to have an invoice paid, and says how that went. */
export function attemptInvoice(
  state: State,
  invoice: Stripe.Invoice,
  { scheduled = false, customerIsThere = false }: Attempt,
): Outcome {
  const intent = intentOf(state, invoice);
  const isFirst = !invoice.attempted;
  invoice.attempted = true;
  if (!intent) {
    markPaid(state, invoice);
    return 'paid';
  }
  if (scheduled || isFirst) invoice.attempt_count += 1;
  const outcome = attemptPayment(state, intent, customerIsThere);
  if (outcome === 'paid') markPaid(state, invoice);
  if (outcome === 'declined') markFailed(state, invoice, scheduled || isFirst);
  if (outcome === 'asked') state.emit('invoice.payment_action_required', invoice);
  return outcome;
}

export function markPaid(state: State, invoice: Stripe.Invoice): void {
  Object.assign(invoice, {
    status: 'paid',
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    next_payment_attempt: null,
  });
  invoice.status_transitions.paid_at = state.now();
  const payment = paymentOf(state, invoice);
  if (payment) {
    Object.assign(payment, { status: 'paid', amount_paid: invoice.amount_due });
    payment.status_transitions.paid_at = state.now();
    state.emit('invoice_payment.paid', payment);
  }
  state.emit('invoice.paid', invoice);
  state.emit('invoice.payment_succeeded', invoice);
}

/** @param counts whether the schedule goes on to its next retry */
export function markFailed(state: State, invoice: Stripe.Invoice, counts: boolean): void {
  if (counts) {
    const days = retryDays[invoice.attempt_count - 1];
    const recurs = invoice.billing_reason !== 'subscription_create';
    invoice.next_payment_attempt = recurs && days !== undefined ? state.now() + days * day : null;
  }
  state.emit('invoice.payment_failed', invoice);
}

export function voidInvoice(state: State, invoice: Stripe.Invoice): void {
  Object.assign(invoice, { status: 'void', next_payment_attempt: null, auto_advance: false });
  invoice.status_transitions.voided_at = state.now();
  state.emit('invoice.voided', invoice);
}

export function markUncollectible(state: State, invoice: Stripe.Invoice): void {
  Object.assign(invoice, { status: 'uncollectible', next_payment_attempt: null });
  invoice.status_transitions.marked_uncollectible_at = state.now();
  state.emit('invoice.marked_uncollectible', invoice);
}

function createInvoicePayment(state: State, invoice: Stripe.Invoice): void {
  const subscription = subscriptionOf(state, invoice);
  const method = subscription?.default_payment_method;
  const intent = createPaymentIntent(state, invoice, typeof method === 'string' ? method : null);
  const id = newId('inpay');
  state.invoicePayments.set(id, {
    id,
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: state.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

function paymentOf(state: State, { id }: Stripe.Invoice): Stripe.InvoicePayment | undefined {
  return [...state.invoicePayments.values()].find(({ invoice }) => invoice === id);
}

export function intentOf(state: State, invoice: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  return state.paymentIntents.get(idOf(paymentOf(state, invoice)?.payment.payment_intent));
}

/** The subscription that an invoice is for. */
export function subscriptionOf(
  state: State,
  invoice: Stripe.Invoice,
): Stripe.Subscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return state.subscriptions.get(idOf(id));
}
