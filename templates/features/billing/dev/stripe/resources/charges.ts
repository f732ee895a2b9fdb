import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { textOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import type { State } from '../state.ts';

export const chargeRoutes: Routes = {
  'GET /v1/charges': ({ state, params }) => pageOf('/v1/charges', chargesBy(state, params), params),
  'GET /v1/charges/:id': ({ state, id }) => findCharge(state, id),
  'GET /v1/payment_intents': ({ state, params }) =>
    pageOf('/v1/payment_intents', intentsBy(state, params), params),
  'GET /v1/payment_intents/:id': ({ state, id }) => findIntent(state, id),
};

export function findCharge(state: State, id: string, param?: string): Stripe.Charge {
  const charge = state.charges.get(id);
  if (!charge) throw missing('charge', id, param);
  return charge;
}

export function findIntent(state: State, id: string, param?: string): Stripe.PaymentIntent {
  const intent = state.paymentIntents.get(id);
  if (!intent) throw missing('payment_intent', id, param);
  return intent;
}

function chargesBy(state: State, params: Params): Stripe.Charge[] {
  const customer = textOf(params, 'customer');
  const intent = textOf(params, 'payment_intent');
  return [...state.charges.values()].filter(
    (charge) =>
      (customer === undefined || charge.customer === customer) &&
      (intent === undefined || charge.payment_intent === intent),
  );
}

function intentsBy(state: State, params: Params): Stripe.PaymentIntent[] {
  const customer = textOf(params, 'customer');
  return [...state.paymentIntents.values()].filter(
    (intent) => customer === undefined || intent.customer === customer,
  );
}
