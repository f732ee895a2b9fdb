import type { Stripe } from 'stripe';
import { invalidParameter, missing, parameterMissing, refused } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { integerOf, metadataOf, textOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { money } from '../money.ts';
import { idOf, newId, type State } from '../state.ts';
import { findCharge, findIntent } from './charges.ts';

export const refundRoutes: Routes = {
  'POST /v1/refunds': ({ state, params }) => createRefund(state, params),
  'GET /v1/refunds': ({ state, params }) => pageOf('/v1/refunds', refundsBy(state, params), params),
  'GET /v1/refunds/:id': ({ state, id }) => findRefund(state, id),
};

export function findRefund(state: State, id: string): Stripe.Refund {
  const refund = state.refunds.get(id);
  if (!refund) throw missing('refund', id);
  return refund;
}

export function createRefund(state: State, params: Params): Stripe.Refund {
  const charge = chargeToRefund(state, params);
  const left = charge.amount_captured - charge.amount_refunded;
  if (charge.disputed && !isRefundable(state, charge)) {
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  if (left <= 0) {
    throw refused(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  const amount = integerOf(params, 'amount') ?? left;
  if (amount < 1) {
    throw invalidParameter('amount', 'Invalid positive integer', 'parameter_invalid_integer');
  }
  if (amount > left) {
    const [asked, rest] = [amount, left].map((value) => money(value, charge.currency));
    // Stripe gives no code with this one.
    throw refused(
      `Refund amount (${asked}) is greater than unrefunded amount on charge (${rest})`,
      { param: 'amount' },
    );
  }
  if (state.lacksBalance) {
    throw refused('Insufficient funds in your Stripe balance to refund this amount.', {
      code: 'balance_insufficient',
    });
  }
  const refund: Stripe.Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: newId('txn'),
    charge: charge.id,
    created: state.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    metadata: metadataOf(params),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: textOf(params, 'reason') ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: state.refundsWait ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  state.refunds.set(refund.id, refund);
  addRefunded(charge, amount);
  state.emit('charge.refunded', charge);
  state.emit('refund.created', refund);
  return refund;
}

/** The money has arrived, where that was still waited for. */
export function succeedRefund(state: State, refund: Stripe.Refund): void {
  state.change('refund.updated', refund, { status: 'succeeded' });
  state.emit('charge.refund.updated', refund);
}

/** A bank that cannot take the money back says so days later: it returns to the merchant. */
export function failRefund(
  state: State,
  refund: Stripe.Refund,
  reason = 'lost_or_stolen_card',
): void {
  const charge = findCharge(state, idOf(refund.charge), 'charge');
  addRefunded(charge, -refund.amount);
  const failed = {
    status: 'failed',
    failure_reason: reason,
    failure_balance_transaction: newId('txn'),
  };
  state.change('refund.updated', refund, failed);
  state.emit('refund.failed', refund);
  state.emit('charge.refund.updated', refund);
}

function addRefunded(charge: Stripe.Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
}

function chargeToRefund(state: State, params: Params): Stripe.Charge {
  const chargeId = textOf(params, 'charge');
  if (chargeId !== undefined) return findCharge(state, chargeId, 'charge');
  const intentId = textOf(params, 'payment_intent');
  if (intentId === undefined) throw parameterMissing('payment_intent');
  const intent = findIntent(state, intentId, 'payment_intent');
  if (intent.status !== 'succeeded') {
    throw refused(
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      { code: 'payment_intent_unexpected_state', param: 'payment_intent' },
    );
  }
  return findCharge(state, idOf(intent.latest_charge), 'charge');
}

function isRefundable(state: State, charge: Stripe.Charge): boolean {
  return [...state.disputes.values()]
    .filter((dispute) => dispute.charge === charge.id)
    .every((dispute) => dispute.is_charge_refundable);
}

function refundsBy(state: State, params: Params): Stripe.Refund[] {
  const charge = textOf(params, 'charge');
  const intent = textOf(params, 'payment_intent');
  return [...state.refunds.values()].filter(
    (refund) =>
      (charge === undefined || refund.charge === charge) &&
      (intent === undefined || refund.payment_intent === intent),
  );
}
