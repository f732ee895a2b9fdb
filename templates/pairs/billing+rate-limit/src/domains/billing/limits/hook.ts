import type { OpenHook } from '#app/http/hook.ts';
import { limitHook } from '#app/http/limits/hook.ts';
import { unlimited } from '../define-plans.ts';
import { plans, type PlanName } from '../plans.ts';
import { byPlan } from './by-plan.ts';
import { planPoints } from './plan-points.ts';

/** Holds the limits of every route, those of accounts by their plans. */
export const limits: OpenHook = (services) => {
  const { RATE_LIMIT_POINTS: points } = services.settings;
  // Where those who pay nothing have no limit, nobody has one.
  if (points === unlimited) return limitHook(services, unlimited);
  return limitHook(services, byPlan(services.billing, everyPlan(points)));
};

function everyPlan(otherwise: number): Record<PlanName, number> {
  const names = Object.keys(plans) as PlanName[];
  const entries = names.map((name) => [name, planPoints[name] ?? otherwise]);
  return Object.fromEntries(entries) as Record<PlanName, number>;
}
