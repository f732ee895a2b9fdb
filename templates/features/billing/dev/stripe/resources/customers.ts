import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { metadataOf, textOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { newId, type State } from '../state.ts';
import { cancelSubscription } from './subscription-ends.ts';

export const customerRoutes: Routes = {
  'POST /v1/customers': ({ state, params }) => createCustomer(state, params),
  'GET /v1/customers': ({ state, params }) => {
    const email = textOf(params, 'email');
    const customers = [...state.customers.values()];
    const found = customers.filter((customer) => email === undefined || customer.email === email);
    return pageOf('/v1/customers', found, params);
  },
  'GET /v1/customers/:id': ({ state, id }) =>
    state.deletedCustomers.get(id) ?? customerOf(state, id),
  'POST /v1/customers/:id': ({ state, id, params }) => updateCustomer(state, id, params),
  'DELETE /v1/customers/:id': ({ state, id }) => deleteCustomer(state, id),
};

/** @throws Refusal where there is none, or it was deleted */
export function customerOf(state: State, id: string, param?: string): Stripe.Customer {
  const customer = state.customers.get(id);
  if (!customer) throw missing('customer', id, param);
  return customer;
}

export function createCustomer(state: State, params: Params): Stripe.Customer {
  const id = newId('cus');
  const customer: Stripe.Customer = {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: state.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: textOf(params, 'description') ?? null,
    discount: null,
    email: textOf(params, 'email') ?? null,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: metadataOf(params),
    name: textOf(params, 'name') ?? null,
    next_invoice_sequence: 1,
    phone: textOf(params, 'phone') ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  state.customers.set(id, customer);
  state.emit('customer.created', customer);
  return customer;
}

function updateCustomer(state: State, id: string, params: Params): Stripe.Customer {
  if (state.deletedCustomers.has(id)) {
    throw missing('customer', id);
  }
  const customer = customerOf(state, id);
  const changes: Partial<Stripe.Customer> = { metadata: metadataOf(params, customer.metadata) };
  for (const name of ['description', 'email', 'name', 'phone'] as const) {
    if (params[name] !== undefined) changes[name] = textOf(params, name) ?? null;
  }
  state.change('customer.updated', customer, changes);
  return customer;
}

/** Deletes a customer, and cancels what they subscribe to, as Stripe does. */
export function deleteCustomer(state: State, id: string): Stripe.DeletedCustomer {
  const customer = customerOf(state, id);
  for (const subscription of state.subscriptions.values()) {
    if (subscription.customer === id && subscription.status !== 'canceled') {
      cancelSubscription(state, subscription);
    }
  }
  const deleted: Stripe.DeletedCustomer = { id, object: 'customer', deleted: true };
  state.customers.delete(id);
  state.deletedCustomers.set(id, deleted);
  state.emit('customer.deleted', customer);
  return deleted;
}
