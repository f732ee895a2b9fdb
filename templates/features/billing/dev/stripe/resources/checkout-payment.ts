import type { Stripe } from 'stripe';
import { refused } from '../api/errors.ts';
import { idOf, newId, type State } from '../state.ts';
import { findSession, openSession } from './checkout.ts';
import { createCustomer } from './customers.ts';
import {
  attemptInvoice,
  createInvoice,
  finalizeInvoice,
  intentOf,
  markFailed,
  markPaid,
} from './invoice-life.ts';
import { linesFor } from './invoice-lines.ts';
import { beginDelayedPayment, cardDeclined, failPayment, succeedPayment } from './payments.ts';
import { createSubscription, settle } from './subscription-life.ts';

/**
 * Pays for an open checkout: makes its subscription and the first invoice.
 *
 * @param delayed with a bank's debit, of which it is known days later whether it went well
 */
export function payCheckout(
  state: State,
  sessionId: string,
  delayed = false,
): Stripe.Checkout.Session {
  const session = openSession(state, sessionId);
  const order = state.orders.get(session.id);
  if (!order) throw refused('This checkout has nothing to pay for.');
  const customer =
    typeof session.customer === 'string'
      ? session.customer
      : createCustomer(state, { email: session.customer_email ?? undefined }).id;
  // Stripe's page refuses such a card, and stays open.
  if (state.cards.get(customer) === 'declines') throw cardDeclined();
  const method = attachCard(state, customer);
  const subscription = createSubscription(state, customer, order, method.id);
  const isTrial = subscription.status === 'trialing';

  const lines = linesFor(subscription, subscription.items.data, isTrial);
  const invoice = createInvoice(state, subscription, 'subscription_create', lines);
  finalizeInvoice(state, invoice);
  const intent = intentOf(state, invoice);
  if (delayed && intent) {
    beginDelayedPayment(state, intent);
    settle(state, invoice, 'processing');
  } else {
    settle(state, invoice, attemptInvoice(state, invoice, { customerIsThere: true }));
  }
  Object.assign(session, {
    status: 'complete',
    payment_status: isTrial ? 'no_payment_required' : delayed ? 'unpaid' : 'paid',
    customer,
    customer_details: customerDetails(state, customer),
    subscription: subscription.id,
    invoice: invoice.id,
    url: null,
  });
  state.emit('checkout.session.completed', session);
  return session;
}

/** Says at last whether the debit for a checkout went well. */
export function finishDelayedPayment(
  state: State,
  sessionId: string,
  outcome: 'succeeded' | 'failed',
): void {
  const session = findSession(state, sessionId);
  const invoice = state.invoices.get(idOf(session.invoice));
  const intent = invoice && intentOf(state, invoice);
  if (!invoice || intent?.status !== 'processing') {
    throw refused('No payment of this checkout is on its way.');
  }
  Object.assign(invoice, { attempted: true, attempt_count: 1 });
  if (outcome === 'succeeded') {
    succeedPayment(state, intent);
    markPaid(state, invoice);
    settle(state, invoice, 'paid');
    session.payment_status = 'paid';
    state.emit('checkout.session.async_payment_succeeded', session);
  } else {
    failPayment(state, intent);
    markFailed(state, invoice, true);
    settle(state, invoice, 'declined');
    state.emit('checkout.session.async_payment_failed', session);
  }
}

function attachCard(state: State, customer: string): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: 'visa',
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: 'pass',
      },
      country: 'US',
      display_brand: 'visa',
      exp_month: 12,
      exp_year: new Date(state.now() * 1000).getUTCFullYear() + 3,
      fingerprint: 'AOB934RVNwzk6xtn',
      funding: 'credit',
      generated_from: null,
      last4: '4242',
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: state.now(),
    customer,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
  state.paymentMethods.set(method.id, method);
  state.emit('payment_method.attached', method);
  return method;
}

function customerDetails(state: State, id: string): Stripe.Checkout.Session.CustomerDetails {
  const customer = state.customers.get(id);
  return {
    address: null,
    business_name: null,
    email: customer?.email ?? null,
    individual_name: null,
    name: customer?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}
