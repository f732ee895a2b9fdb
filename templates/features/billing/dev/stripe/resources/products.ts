import type { Stripe } from 'stripe';
import { invalidParameter, missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import {
  flagOf,
  integerOf,
  metadataOf,
  needed,
  objectOf,
  textOf,
  textsOf,
  type Params,
} from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { decimal } from '../money.ts';
import { newId, type State } from '../state.ts';

export const productRoutes: Routes = {
  'POST /v1/products': ({ state, params }) => createProduct(state, params),
  'GET /v1/products': ({ state, params }) =>
    pageOf('/v1/products', activeOf(state.products.values(), params), params),
  'GET /v1/products/:id': ({ state, id }) => productOf(state, id),
  'POST /v1/products/:id': ({ state, id, params }) => {
    const product = productOf(state, id);
    state.change('product.updated', product, {
      name: textOf(params, 'name') ?? product.name,
      active: flagOf(params, 'active') ?? product.active,
      description: textOf(params, 'description') ?? product.description,
      metadata: metadataOf(params, product.metadata),
      updated: state.now(),
    });
    return product;
  },
  'POST /v1/prices': ({ state, params }) => createPrice(state, params),
  'GET /v1/prices': ({ state, params }) => pageOf('/v1/prices', pricesBy(state, params), params),
  'GET /v1/prices/:id': ({ state, id }) => priceOf(state, id),
  'POST /v1/prices/:id': ({ state, id, params }) => updatePrice(state, id, params),
};

function productOf(state: State, id: string, param?: string): Stripe.Product {
  const product = state.products.get(id);
  if (!product) throw missing('product', id, param);
  return product;
}

export function priceOf(state: State, id: string, param?: string): Stripe.Price {
  const price = state.prices.get(id);
  if (!price) throw missing('price', id, param);
  return price;
}

export function createProduct(state: State, params: Params): Stripe.Product {
  const product: Stripe.Product = {
    id: textOf(params, 'id') ?? newId('prod'),
    object: 'product',
    active: flagOf(params, 'active') ?? true,
    created: state.now(),
    default_price: null,
    description: textOf(params, 'description') ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: metadataOf(params),
    name: needed(params, 'name'),
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: state.now(),
    url: null,
  };
  if (state.products.has(product.id)) {
    throw invalidParameter('id', 'Product already exists.', 'resource_already_exists');
  }
  state.products.set(product.id, product);
  state.emit('product.created', product);
  return product;
}

export function createPrice(state: State, params: Params): Stripe.Price {
  const data = objectOf(params, 'product_data');
  const lookupKey = textOf(params, 'lookup_key') ?? null;
  const unitAmount = integerOf(params, 'unit_amount') ?? 0;
  if (lookupKey !== null) takeLookupKey(state, lookupKey, flagOf(params, 'transfer_lookup_key'));
  const product =
    textOf(data, 'name') === undefined
      ? productOf(state, needed(params, 'product'), 'product')
      : createProduct(state, data);
  const price: Stripe.Price = {
    id: newId('price'),
    object: 'price',
    active: flagOf(params, 'active') ?? true,
    billing_scheme: 'per_unit',
    created: state.now(),
    currency: needed(params, 'currency'),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: lookupKey,
    metadata: metadataOf(params),
    nickname: textOf(params, 'nickname') ?? null,
    product: product.id,
    recurring: recurringOf(objectOf(params, 'recurring')),
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: params['recurring'] === undefined ? 'one_time' : 'recurring',
    unit_amount: unitAmount,
    unit_amount_decimal: decimal(unitAmount),
  };
  state.prices.set(price.id, price);
  state.emit('price.created', price);
  return price;
}

function recurringOf(params: Params): Stripe.Price.Recurring | null {
  const interval = textOf(params, 'interval');
  if (interval === undefined) return null;
  return {
    interval,
    interval_count: integerOf(params, 'interval_count') ?? 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

function updatePrice(state: State, id: string, params: Params): Stripe.Price {
  const price = priceOf(state, id);
  const lookupKey = textOf(params, 'lookup_key');
  if (lookupKey !== undefined && lookupKey !== price.lookup_key) {
    takeLookupKey(state, lookupKey, flagOf(params, 'transfer_lookup_key'));
  }
  state.change('price.updated', price, {
    active: flagOf(params, 'active') ?? price.active,
    lookup_key: params['lookup_key'] === '' ? null : (lookupKey ?? price.lookup_key),
    nickname: textOf(params, 'nickname') ?? price.nickname,
    metadata: metadataOf(params, price.metadata),
  });
  return price;
}

/** A key finds one price: a second one must say that it takes it over. */
function takeLookupKey(state: State, key: string, transfer = false): void {
  const owner = [...state.prices.values()].find(({ lookup_key }) => lookup_key === key);
  if (!owner) return;
  if (!transfer) {
    throw invalidParameter(
      'lookup_key',
      `A price (\`${owner.id}\`) already uses that lookup key.`,
      'resource_already_exists',
    );
  }
  state.change('price.updated', owner, { lookup_key: null });
}

function pricesBy(state: State, params: Params): Stripe.Price[] {
  const keys = textsOf(params, 'lookup_keys');
  const product = textOf(params, 'product');
  return activeOf(state.prices.values(), params).filter(
    (price) =>
      (keys.length === 0 || keys.includes(price.lookup_key ?? '')) &&
      (product === undefined || price.product === product),
  );
}

function activeOf<T extends { active: boolean }>(items: Iterable<T>, params: Params): T[] {
  const active = flagOf(params, 'active');
  return [...items].filter((item) => active === undefined || item.active === active);
}
