import type { Stripe } from 'stripe';
import { wholeList } from '../api/lists.ts';
import { day } from '../calendar.ts';
import { idOf, newId, type State } from '../state.ts';
import { attemptPayment, createPaymentIntent, type Outcome } from './payments.ts';

/** Days after a failed payment on which it is tried again, each counted from the one before. */
export const retryDays: readonly number[] = [3, 5, 7];

export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update';

/** A draft of what a customer owes. It is not kept, and nobody is told of it. */
export function draftInvoice(
  state: State,
  subscription: Stripe.Subscription,
  reason: BillingReason | 'upcoming',
  lines: Stripe.InvoiceLineItem[],
): Stripe.Invoice {
  const id = newId('in');
  const customer = state.customers.get(idOf(subscription.customer));
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  const due = Math.max(0, total);
  const period = subscription.items.data[0];
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: null,
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: null,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    created: state.now(),
    currency: subscription.currency,
    custom_fields: null,
    customer: subscription.customer,
    customer_account: null,
    customer_address: null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: wholeList(
      `/v1/invoices/${id}/lines`,
      lines.map((line) => ({ ...line, invoice: id })),
    ),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: period?.current_period_end ?? state.now(),
    period_start: period?.current_period_start ?? state.now(),
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

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
