import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { textOf } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { day } from '../calendar.ts';
import { newId, type State } from '../state.ts';
import { findCharge } from './charges.ts';

export const disputeRoutes: Routes = {
  'GET /v1/disputes': ({ state, params }) => {
    const charge = textOf(params, 'charge');
    const all = [...state.disputes.values()];
    const found = all.filter((dispute) => charge === undefined || dispute.charge === charge);
    return pageOf('/v1/disputes', found, params);
  },
  'GET /v1/disputes/:id': ({ state, id }) => findDispute(state, id),
};

export function findDispute(state: State, id: string): Stripe.Dispute {
  const dispute = state.disputes.get(id);
  if (!dispute) throw missing('dispute', id);
  return dispute;
}

/** A customer's bank takes the money of a charge back until it is decided who keeps it. */
export function openDispute(state: State, chargeId: string, reason: string): Stripe.Dispute {
  const charge = findCharge(state, chargeId);
  const dispute: Stripe.Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount: charge.amount - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: state.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: state.now() + 14 * day,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  };
  state.disputes.set(dispute.id, dispute);
  state.change('charge.updated', charge, { disputed: true });
  state.emit('charge.dispute.created', dispute);
  state.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

export function closeDispute(state: State, dispute: Stripe.Dispute, status: 'won' | 'lost'): void {
  Object.assign(dispute, { status });
  if (status === 'won') state.emit('charge.dispute.funds_reinstated', dispute);
  state.emit('charge.dispute.closed', dispute);
}

function noEvidence(): Stripe.Dispute.Evidence {
  return {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  };
}
