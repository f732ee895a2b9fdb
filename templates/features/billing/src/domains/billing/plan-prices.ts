// Whether Stripe has the prices that plans.ts says, and how it gets them.
import { createHash } from 'node:crypto';
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

/** A step that makes Stripe have what the plans say. */
export interface Push {
  readonly wanted: WantedPrice;
  /** The price that had its lookup key; who has bought that one keeps it. */
  readonly replaces: string | undefined;
}

/** Compares the prices that are active at Stripe with those of the plans, by their lookup keys. */
export async function diffPlans(
  stripe: Stripe,
  wanted: readonly WantedPrice[],
): Promise<PlansDiff> {
  const prices = await stripe.prices
    .list({ active: true, limit: 100 })
    .autoPagingToArray({ limit: mostPrices });
  const byKey = new Map(prices.map((price) => [price.lookup_key, price]));
  const keys = new Set<string | null>(wanted.map(({ lookupKey }) => lookupKey));
  const changed = wanted.flatMap((each) => {
    const price = byKey.get(each.lookupKey);
    const differences = price === undefined ? [] : differencesOf(each, price);
    return price === undefined || differences.length === 0
      ? []
      : { wanted: each, stripePriceId: price.id, differences };
  });
  return {
    missing: wanted.filter(({ lookupKey }) => !byKey.has(lookupKey)),
    changed,
    extra: prices.filter((price) => !keys.has(price.lookup_key) && isExtra(price)).map(present),
  };
}

/** What has to be made for there to be no difference; what is extra is left alone. */
export function pushesFor({ missing, changed }: PlansDiff): Push[] {
  return [
    ...missing.map((wanted) => ({ wanted, replaces: undefined })),
    ...changed.map(({ wanted, stripePriceId }) => ({ wanted, replaces: stripePriceId })),
  ];
}

/**
 * Makes a price, and its product where the plan has none. A price cannot change its amount, so a new
 * one takes the lookup key over. Nothing is removed: who has bought the old price keeps it, and is
 * known by its metadata to have the plan.
 */
export async function pushPrice(stripe: Stripe, { wanted, replaces }: Push): Promise<Stripe.Price> {
  const { plan, lookupKey, unitAmount, currency, interval } = wanted;
  const product = await productFor(stripe, wanted);
  if (replaces !== undefined) {
    const asked = { metadata: { plan } };
    const idempotencyKey = keyOf('plan', { replaces, ...asked });
    await stripe.prices.update(replaces, asked, { idempotencyKey });
  }
  const asked = {
    product,
    unit_amount: unitAmount,
    currency,
    recurring: { interval },
    lookup_key: lookupKey,
    transfer_lookup_key: true,
    metadata: { plan },
  };
  return makeUsable({
    // With the price before: an amount that comes back after another is a new price each time.
    make: async (after = replaces) => {
      const idempotencyKey = keyOf('price', { ...asked, after });
      const { id } = await stripe.prices.create(asked, { idempotencyKey });
      return stripe.prices.retrieve(id);
    },
    isUsable: (price) => price.active && price.lookup_key === lookupKey,
  });
}

async function productFor(
  stripe: Stripe,
  { plan, productName }: Pick<WantedPrice, 'plan' | 'productName'>,
): Promise<string> {
  const prices = stripe.prices.list({ active: true, limit: 100, expand: ['data.product'] });
  for await (const price of prices) {
    const { product } = price;
    const isUsable = typeof product === 'object' && !product.deleted && product.active;
    if (isUsable && planOfPrice(price.lookup_key, price.metadata) === plan) return product.id;
  }
  for await (const product of stripe.products.list({ active: true, limit: 100 })) {
    if (product.metadata['plan'] === plan) return product.id;
  }
  const asked = { name: productName, metadata: { plan } };
  const { id } = await makeUsable({
    make: async (after) => {
      const idempotencyKey = keyOf('product', { ...asked, after });
      const made = await stripe.products.create(asked, { idempotencyKey });
      return stripe.products.retrieve(made.id);
    },
    isUsable: ({ active }) => active,
  });
  return id;
}

/** Times that something was made and taken out of use within a day: nobody goes on that long. */
const rounds = 20;

/**
 * Makes something under a key, by which Stripe answers for a day with what it was when it was made:
 * by now it may be archived. Then another is made, after that one.
 *
 * @param thing.make gets the id of the one that is not usable; reads anew what it has made
 */
async function makeUsable<T extends { readonly id: string }>(thing: {
  readonly make: (after?: string) => Promise<T>;
  readonly isUsable: (made: T) => boolean;
}): Promise<T> {
  let made = await thing.make();
  for (let round = 1; round < rounds && !thing.isUsable(made); round += 1) {
    // Each depends on the one before.
    made = await thing.make(made.id);
  }
  return made;
}

/** A key is ASCII of 255 characters at most; what a plan is called is not. */
function keyOf(kind: string, asked: object): string {
  return `${kind}_${createHash('sha256').update(JSON.stringify(asked)).digest('hex')}`;
}

function differencesOf(wanted: WantedPrice, price: Stripe.Price): Difference[] {
  const compared: Difference[] = [
    { field: 'amount', here: wanted.unitAmount, there: price.unit_amount },
    { field: 'currency', here: wanted.currency, there: price.currency },
    { field: 'interval', here: wanted.interval, there: intervalOf(price) },
  ];
  return compared.filter(({ here, there }) => here !== there);
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
