import type { PlanShare, ReadPlan } from '#app/domains/licenses/license.ts';
import { planHolding, type Holding } from '../entitlements.ts';
import { freePlan, plans, type Feature } from '../plans.ts';

/** What plans give can be granted as well. */
export const planFeatures: readonly Feature[] = Object.values(plans).flatMap(
  ({ features }) => features,
);

/** What an account is licensed to by what it pays for. */
export const billingPlan: ReadPlan = async (queries, accountId) =>
  shareOf(await planHolding(queries, accountId));

export function shareOf({ plan, features, limits }: Holding): PlanShare {
  return { plan, isBought: plan !== freePlan, seats: limits.seats, entitlements: features };
}
