// What accounts may spend in each window of RATE_LIMIT_SECONDS, on routes that have no limit of their
// own, by their plan. A plan that is not here has RATE_LIMIT_POINTS; `unlimited` of define-plans.ts is
// possible.
import type { PlanName } from '../plans.ts';

export const planPoints: { readonly [Each in PlanName]?: number } = {
  pro: 3000,
  team: 6000,
};
