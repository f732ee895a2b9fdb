// How Stripe gets the prices that plans.ts says, and their products the names.
import { createHash } from 'node:crypto';
import type { Stripe } from 'stripe';
import type { WantedPrice } from './define-plans.ts';
import type { PlansDiff } from './plan-prices.ts';
import { planOfPrice } from './plans.ts';

/** A step that makes Stripe have what the plans say. */
export interface Push {
  readonly wanted: WantedPrice;
  /** The price that had its lookup key; who has bought that one keeps it. */
  readonly replaces: string | undefined;
}

/** A product that is to be called what its plan is. */
export interface Rename {
  readonly stripeProductId: string;
  readonly name: string;
}

/** The prices to make for there to be no difference but in names; what is extra is left alone. */
export function pushesFor({ missing, changed }: PlansDiff): Push[] {
  return [
    ...missing.map((wanted) => ({ wanted, replaces: undefined })),
    ...changed
      .filter(({ differences }) => differences.some(({ field }) => field !== 'name'))
      .map(({ wanted, stripePriceId }) => ({ wanted, replaces: stripePriceId })),
  ];
}

/** The products to rename: one for all prices of a plan. */
export function renamesFor({ changed }: PlansDiff): Rename[] {
  const names = new Map(
    changed
      .filter(({ differences }) => differences.some(({ field }) => field === 'name'))
      .map(({ stripeProductId, wanted }) => [stripeProductId, wanted.productName]),
  );
  return [...names].map(([stripeProductId, name]) => ({ stripeProductId, name }));
}

/** Calls a product what its plan is called; subscriptions go on, and the next invoice says it. */
export async function renameProduct(
  stripe: Stripe,
  { stripeProductId, name }: Rename,
): Promise<void> {
  // Without a key made from it: to do so twice is harmless, and under one of before, as where a name
  // comes back after another, Stripe would answer and do nothing.
  await stripe.products.update(stripeProductId, { name });
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
