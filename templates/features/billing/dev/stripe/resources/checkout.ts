import type { Stripe } from 'stripe';
import { invalidParameter, missing, parameterMissing, refused } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import {
  integerOf,
  listOf,
  metadataOf,
  needed,
  objectOf,
  textOf,
  type Params,
} from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { day } from '../calendar.ts';
import { newId, type Order, type State } from '../state.ts';
import { customerOf } from './customers.ts';
import { priceOf } from './products.ts';

export const checkoutRoutes: Routes = {
  'POST /v1/checkout/sessions': ({ state, params }) => createSession(state, params),
  'GET /v1/checkout/sessions': ({ state, params }) =>
    pageOf('/v1/checkout/sessions', sessionsBy(state, params), params),
  'GET /v1/checkout/sessions/:id': ({ state, id }) => findSession(state, id),
  'POST /v1/checkout/sessions/:id/expire': ({ state, id }) => {
    const session = openSession(state, id);
    expireSession(state, session);
    return session;
  },
};

export function findSession(state: State, id: string): Stripe.Checkout.Session {
  const session = state.sessions.get(id);
  if (!session) throw missing('checkout.session', id);
  return session;
}

/** @throws Refusal where it was paid, or is over */
export function openSession(state: State, id: string): Stripe.Checkout.Session {
  const session = findSession(state, id);
  if (session.status === 'open') return session;
  throw refused(
    `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${String(session.status)}\`.`,
  );
}

export function expireSession(state: State, session: Stripe.Checkout.Session): void {
  Object.assign(session, { status: 'expired', url: null });
  state.emit('checkout.session.expired', session);
}

function createSession(state: State, params: Params): Stripe.Checkout.Session {
  const mode = needed(params, 'mode');
  if (mode !== 'subscription') {
    throw invalidParameter('mode', 'This Stripe of your own only knows subscriptions.');
  }
  const order = orderOf(state, params);
  const total = order.items.reduce(
    (sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity,
    0,
  );
  const due = order.trialDays > 0 ? 0 : total;
  const customer = textOf(params, 'customer');
  const email =
    customer === undefined
      ? textOf(params, 'customer_email')
      : customerOf(state, customer, 'customer').email;
  const id = newId('cs_test');
  const session: Stripe.Checkout.Session = {
    id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: due,
    amount_total: due,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: textOf(params, 'cancel_url') ?? null,
    client_reference_id: textOf(params, 'client_reference_id') ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: state.now(),
    currency: order.items[0]?.price.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: customer ?? null,
    customer_account: null,
    customer_creation: customer === undefined ? 'always' : null,
    customer_details: null,
    customer_email: email ?? null,
    discounts: [],
    expires_at: integerOf(params, 'expires_at') ?? state.now() + day,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: metadataOf(params),
    mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: textOf(params, 'payment_method_collection') ?? 'always',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: needed(params, 'success_url'),
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${state.url}/checkout/${id}`,
    wallet_options: null,
  };
  state.orders.set(id, order);
  state.sessions.set(id, session);
  return session;
}

function orderOf(state: State, params: Params): Order {
  const items = listOf(params, 'line_items').map((item, index) => ({
    price: priceOf(state, needed(item, 'price'), `line_items[${index}][price]`),
    quantity: integerOf(item, 'quantity') ?? 1,
  }));
  if (items.length === 0) throw parameterMissing('line_items');
  const data = objectOf(params, 'subscription_data');
  const trialEnd = integerOf(data, 'trial_end');
  const trialDays = trialEnd === undefined ? 0 : (trialEnd - state.now()) / day;
  return {
    items,
    trialDays: integerOf(data, 'trial_period_days') ?? trialDays,
    metadata: metadataOf(data),
  };
}

function sessionsBy(state: State, params: Params): Stripe.Checkout.Session[] {
  const [customer, subscription, status] = ['customer', 'subscription', 'status'].map((name) =>
    textOf(params, name),
  );
  return [...state.sessions.values()].filter(
    (session) =>
      (customer === undefined || session.customer === customer) &&
      (subscription === undefined || session.subscription === subscription) &&
      (status === undefined || session.status === status),
  );
}
