import type { Stripe } from 'stripe';
import { cardRefused, type Refusal } from '../api/errors.ts';
import { idOf, newId, type State } from '../state.ts';

const declined = {
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: 'Your card was declined.',
} as const;

export type Outcome = 'paid' | 'declined' | 'asked' | 'processing';

/** Makes what an invoice will be paid by. */
export function createPaymentIntent(
  state: State,
  invoice: Stripe.Invoice,
  method: string | null,
): Stripe.PaymentIntent {
  const id = newId('pi');
  const intent: Stripe.PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: invoice.amount_due,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret_${id.slice(-8)}`,
    confirmation_method: 'automatic',
    created: state.now(),
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    description: 'Subscription',
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: method,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: 'off_session',
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_confirmation',
    transfer_data: null,
    transfer_group: null,
  };
  state.paymentIntents.set(id, intent);
  state.emit('payment_intent.created', intent);
  return intent;
}

/** What the API answers where a card is declined. */
export function cardDeclined(): Refusal {
  const { code, message, decline_code } = declined;
  return cardRefused(code, message, { decline_code });
}

/**
 * Tries to take the money, as the customer's card behaves.
 *
 * @param customerIsThere whether they can confirm it where their bank asks for that
 */
export function attemptPayment(
  state: State,
  intent: Stripe.PaymentIntent,
  customerIsThere: boolean,
): Outcome {
  const behavior = state.cards.get(idOf(intent.customer)) ?? 'pays';
  if (behavior === 'asks' && !customerIsThere) {
    intent.status = 'requires_action';
    intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: {} };
    state.emit('payment_intent.requires_action', intent);
    return 'asked';
  }
  if (behavior === 'declines') {
    failPayment(state, intent);
    return 'declined';
  }
  succeedPayment(state, intent);
  return 'paid';
}

/** Money that is on its way, as with a debit from a bank account. */
export function beginDelayedPayment(state: State, intent: Stripe.PaymentIntent): void {
  intent.status = 'processing';
  intent.payment_method_types = ['sepa_debit'];
  intent.latest_charge = createCharge(state, intent, 'pending').id;
  state.emit('charge.pending', state.charges.get(intent.latest_charge) ?? {});
  state.emit('payment_intent.processing', intent);
}

export function succeedPayment(state: State, intent: Stripe.PaymentIntent): void {
  const charge = pendingCharge(state, intent) ?? createCharge(state, intent, 'succeeded');
  Object.assign(charge, { status: 'succeeded', paid: true, captured: true });
  charge.amount_captured = charge.amount;
  state.emit('charge.succeeded', charge);
  Object.assign(intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  state.emit('payment_intent.succeeded', intent);
}

export function failPayment(state: State, intent: Stripe.PaymentIntent): void {
  const charge = pendingCharge(state, intent) ?? createCharge(state, intent, 'failed');
  Object.assign(charge, {
    status: 'failed',
    failure_code: declined.code,
    failure_message: declined.message,
  });
  state.emit('charge.failed', charge);
  Object.assign(intent, {
    status: 'requires_payment_method',
    latest_charge: charge.id,
    last_payment_error: { ...declined, type: 'card_error', charge: charge.id },
    next_action: null,
  });
  state.emit('payment_intent.payment_failed', intent);
}

function pendingCharge(state: State, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  const charge = state.charges.get(idOf(intent.latest_charge));
  return charge?.status === 'pending' ? charge : undefined;
}

function createCharge(
  state: State,
  intent: Stripe.PaymentIntent,
  status: Stripe.Charge.Status,
): Stripe.Charge {
  const customer = state.customers.get(idOf(intent.customer));
  const id = newId('ch');
  const charge: Stripe.Charge = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: status === 'succeeded' ? newId('txn') : null,
    billing_details: {
      address: null,
      email: customer?.email ?? null,
      name: customer?.name ?? null,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: null,
    captured: false,
    created: state.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: typeof intent.payment_method === 'string' ? intent.payment_method : null,
    payment_method_details: null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: `${state.url}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
  state.charges.set(id, charge);
  return charge;
}
