// What accounts can buy, and what they get for it. Change it as you like: `npm run billing -- plans
// diff` says what Stripe then lacks, `plans push` makes it there, and features and limits that no
// plan has do not compile.
//
// An account has the plan of its newest subscription that is live (subscriptions/current.ts), should
// it ever have two; the order of the plans here means nothing.
import { definePlans, planFinder, unlimited } from './define-plans.ts';

export const plans = definePlans({
  /** What everybody has who does not pay. */
  free: {
    name: 'Free',
    features: [],
    limits: { seats: 1, projects: 3 },
  },
  pro: {
    name: 'Pro',
    /** Amounts are in the smallest unit of the currency: cents. */
    prices: {
      month: { lookupKey: 'pro_month', amount: 2900, currency: 'usd' },
      year: { lookupKey: 'pro_year', amount: 29_000, currency: 'usd' },
    },
    trialDays: 14,
    features: ['exports'],
    limits: { seats: 1, projects: 50 },
  },
  team: {
    name: 'Team',
    prices: {
      month: { lookupKey: 'team_month', amount: 1900, currency: 'usd' },
      year: { lookupKey: 'team_year', amount: 19_000, currency: 'usd' },
    },
    trialDays: 14,
    /** Its price is for one seat: an account has as many as it pays for, `limits.seats` at most. */
    perSeat: true,
    features: ['exports', 'auditLog'],
    limits: { seats: 500, projects: unlimited },
  },
});

export type PlanName = keyof typeof plans;
export type Feature = (typeof plans)[PlanName]['features'][number];
export type Limit = keyof (typeof plans)[PlanName]['limits'];

/** `freePlan` is the one without prices; `planOfPrice` finds the plan that a price of Stripe's is for. */
export const { freePlan, planOfPrice } = planFinder(plans);
