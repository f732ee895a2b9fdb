import { count, notInArray } from 'drizzle-orm';
import { startLoop } from '#app/platform/loop.ts';
import { billingSubscriptions } from '../models.ts';
import type { BillingDeps } from '../service.ts';
import { ended, planOf } from './current.ts';

type Deps = Pick<BillingDeps, 'log' | 'database'>;

/** Milliseconds between two looks. */
const pause = 3_600_000;

/** Looks for subscriptions of no plan at the start, and now and then until it is closed. */
export function watchUnknownPlans(deps: Deps): { close(): Promise<void> } {
  return startLoop({ name: 'billing plans', pause, log: deps.log }, () => logUnknownPlans(deps));
}

/**
 * Logs an error for each price that somebody has subscribed to and that no plan has: they pay, and
 * get nothing for it. A plan whose key was changed leaves such prices behind.
 */
export async function logUnknownPlans({ database, log }: Deps): Promise<void> {
  const { stripePriceId, priceLookupKey, pricePlan, status } = billingSubscriptions;
  const prices = await database.queries
    .select({ stripePriceId, priceLookupKey, pricePlan, subscriptions: count() })
    .from(billingSubscriptions)
    .where(notInArray(status, ended))
    .groupBy(stripePriceId, priceLookupKey, pricePlan);
  for (const price of prices) {
    if (planOf(price) === undefined) log.error(price, 'subscriptions are for a price of no plan');
  }
}
