// Whether Stripe has the prices that plans.ts says, under the names that it says.
import type { Stripe } from 'stripe';
import type { WantedPrice } from './define-plans.ts';
import { planOfPrice } from './plans.ts';

/** Prices that are looked at, of a business that has any number of them: the SDK's own limit. */
const mostPrices = 10_000;

/** In what a price at Stripe is not as its plan says. */
export interface Difference {
  readonly field: string;
  readonly here: unknown;
  readonly there: unknown;
}

export interface ChangedPrice {
  readonly wanted: WantedPrice;
  readonly stripePriceId: string;
  readonly stripeProductId: string;
  readonly differences: readonly Difference[];
}

/** A price that can be bought at Stripe and is of no plan. */
export interface ExtraPrice {
  readonly stripePriceId: string;
  readonly lookupKey: string | null;
  readonly unitAmount: number | null;
  readonly currency: string;
  readonly interval: string;
}

export interface PlansDiff {
  readonly missing: readonly WantedPrice[];
  readonly changed: readonly ChangedPrice[];
  readonly extra: readonly ExtraPrice[];
}

/**
 * Compares the prices that are active at Stripe with those of the plans, by their lookup keys. A
 * product is called what its plan is, since that is what customers read on invoices; one that several
 * plans share is called whatever its owner likes.
 */
export async function diffPlans(
  stripe: Stripe,
  wanted: readonly WantedPrice[],
): Promise<PlansDiff> {
  const prices = await stripe.prices
    .list({ active: true, limit: 100, expand: ['data.product'] })
    .autoPagingToArray({ limit: mostPrices });
  const byKey = new Map(prices.map((price) => [price.lookup_key, price]));
  const keys = new Set<string | null>(wanted.map(({ lookupKey }) => lookupKey));
  const compared = wanted.flatMap((each) => {
    const price = byKey.get(each.lookupKey);
    return price === undefined ? [] : { wanted: each, price, product: productOf(price) };
  });
  const changed = compared.flatMap(({ wanted: each, price, product }) => {
    const isShared = compared.some(
      (other) => other.product.id === product.id && other.wanted.plan !== each.plan,
    );
    const differences = [
      ...differencesOf(each, price),
      ...differencesOfProduct(product, isShared ? undefined : each.productName),
    ];
    if (differences.length === 0) return [];
    return { wanted: each, stripePriceId: price.id, stripeProductId: product.id, differences };
  });
  return {
    missing: wanted.filter(({ lookupKey }) => !byKey.has(lookupKey)),
    changed,
    extra: prices.filter((price) => !keys.has(price.lookup_key) && isExtra(price)).map(present),
  };
}

function differencesOf(wanted: WantedPrice, price: Stripe.Price): Difference[] {
  const compared: Difference[] = [
    { field: 'amount', here: wanted.unitAmount, there: price.unit_amount },
    { field: 'currency', here: wanted.currency, there: price.currency },
    { field: 'interval', here: wanted.interval, there: intervalOf(price) },
  ];
  return compared.filter(({ here, there }) => here !== there);
}

/** Where it is out of use, its prices cannot be bought any more, and what it is called is moot. */
function differencesOfProduct(product: Product, name: string | undefined): Difference[] {
  if (product.deleted === true || !product.active) {
    const there = product.deleted === true ? 'deleted' : 'archived';
    return [{ field: 'product', here: 'active', there }];
  }
  if (name === undefined || product.name === name) return [];
  return [{ field: 'name', here: name, there: product.name }];
}

type Product = Exclude<Stripe.Price['product'], string>;

function productOf({ product }: Stripe.Price): Product {
  if (typeof product === 'string') throw new Error('Stripe did not say more of a product');
  return product;
}

function intervalOf({ recurring }: Stripe.Price): string {
  if (recurring === null) return 'once';
  const { interval, interval_count: count, usage_type: usage } = recurring;
  const every = count === 1 ? interval : `${count} ${interval}s`;
  return usage === 'metered' ? `${every}, metered` : every;
}

/** An older price of a plan is none: it has lost its lookup key, and says whose it is. */
function isExtra({ lookup_key: lookupKey, metadata, recurring }: Stripe.Price): boolean {
  if (recurring === null || planOfPrice(lookupKey, metadata) !== undefined) return false;
  return lookupKey !== null || metadata['plan'] !== undefined;
}

function present(price: Stripe.Price): ExtraPrice {
  return {
    stripePriceId: price.id,
    lookupKey: price.lookup_key,
    unitAmount: price.unit_amount,
    currency: price.currency,
    interval: intervalOf(price),
  };
}
