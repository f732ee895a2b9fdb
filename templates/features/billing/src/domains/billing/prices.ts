import type { Stripe } from 'stripe';
import { validationFailed } from '#app/http/errors.ts';
import type { Interval } from './define-plans.ts';
import { billingNotConfigured } from './errors.ts';
import { plans, type PlanName } from './plans.ts';
import type { BillingDeps } from './service.ts';
import { fromStripe } from './stripe-errors.ts';

/** Milliseconds for which a price that was found is not looked up again. */
const keptFor = 60_000;

/** What somebody wants to buy. */
export interface Choice {
  readonly plan: PlanName;
  readonly interval: Interval;
  readonly quantity?: number | undefined;
}

export interface Prices {
  /**
   * Resolves to the id of the price at Stripe that is sold for this.
   *
   * @throws AppError (422) where the plan is not sold so, (503) where Stripe lacks the price
   */
  idFor(choice: Choice): Promise<string>;
}

/** Finds prices by their lookup keys, so that no id of Stripe's is written down anywhere. */
export function openPrices({ stripe }: Pick<BillingDeps, 'stripe'>): Prices {
  const found = new Map<string, { readonly id: string; readonly until: number }>();

  return {
    async idFor(choice) {
      const key = lookupKeyOf(choice);
      const kept = found.get(key);
      if (kept !== undefined && kept.until > performance.now()) return kept.id;
      const { id } = await lookUp(stripe(), key);
      found.set(key, { id, until: performance.now() + keptFor });
      return id;
    },
  };
}

function lookupKeyOf(choice: Choice): string {
  const { plan, interval } = choice;
  const { prices, name } = plans[plan];
  const price = prices[interval];
  if (price === undefined) throw notSold('interval', `${name} is not sold by the ${interval}.`);
  checkQuantity(choice);
  return price.lookupKey;
}

/** @throws AppError (422) where a plan does not have so many seats */
export function checkQuantity({ plan, quantity = 1 }: Choice): void {
  const { perSeat, maxQuantity, name } = plans[plan];
  if (quantity > 1 && !perSeat) throw notSold('quantity', `${name} is not sold by the seat.`);
  if (quantity > maxQuantity)
    throw notSold('quantity', `${name} has ${maxQuantity} seats at most.`);
}

function notSold(field: string, detail: string) {
  return validationFailed({ detail, errors: [{ pointer: `#/${field}`, detail }] });
}

async function lookUp(stripe: Stripe, lookupKey: string): Promise<Stripe.Price> {
  const { data } = await fromStripe(
    stripe.prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 }),
  );
  const [price] = data;
  if (price !== undefined) return price;
  throw billingNotConfigured({ detail: `Stripe has no price with the lookup key ${lookupKey}.` });
}
