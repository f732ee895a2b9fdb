import type { Points } from '#app/http/limits/policy.ts';
import type { Entitlements } from '../entitlements.ts';
import { freePlan, type PlanName } from '../plans.ts';
import { rememberPlans } from './remember-plans.ts';

type Billing = { readonly entitlements: Entitlements };

/** One memory for all the limits of a service. */
const memories = new WeakMap<Entitlements, ReturnType<typeof rememberPlans>>();

/**
 * The points of a limit by the plan of the account that calls:
 * `limit: { points: byPlan(billing, { free: 10, pro: 100, team: unlimited }), per: 3600 }`. A plan
 * that changes counts within five seconds; what is spent by then stays spent.
 */
export function byPlan(
  { entitlements }: Billing,
  points: Readonly<Record<PlanName, number>>,
): Points {
  const planOf = memories.get(entitlements) ?? rememberPlans(entitlements);
  memories.set(entitlements, planOf);
  return async ({ accountId }) =>
    points[accountId === undefined ? freePlan : await planOf(accountId)];
}
