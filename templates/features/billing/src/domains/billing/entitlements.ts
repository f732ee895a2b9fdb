// What an account may do, by what it pays for.
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Guard } from '#app/http/route.ts';
import { lockLimits } from './account-lock.ts';
import { featureNotInPlan, planLimitReached } from './errors.ts';
import { freePlan, plans, type Feature, type Limit, type PlanName } from './plans.ts';
import type { BillingDeps } from './service.ts';
import {
  currentSubscriptionOf,
  planOf,
  type CurrentSubscription,
} from './subscriptions/current.ts';

export interface Entitlements {
  /** The plan that counts now: the free one where nothing is paid for. */
  planOf(accountId: string): Promise<PlanName>;
  can(accountId: string, feature: Feature): Promise<boolean>;
  /**
   * How many the account may have; `unlimited` (Infinity) is possible. `seats` of a plan that is per
   * seat are as many as are paid for.
   */
  limit(accountId: string, limit: Limit): Promise<number>;
  /** @throws AppError (403) where the account's plan does not have the feature */
  requireFeature(accountId: string, feature: Feature): Promise<void>;
  /**
   * Makes sure that the account may have one more, until the transaction ends: of several at once,
   * each waits for the one before. Call it before the transaction writes anything of the account's,
   * or two of them may wait for each other.
   *
   * @param count how many there are now, counted in the same transaction
   * @throws AppError (403) where there are as many as the plan allows
   */
  withinLimit(
    tx: Transaction,
    accountId: string,
    limit: Limit,
    count: () => Promise<number>,
  ): Promise<void>;
  /** All that is in force for an account, and why, for whoever is asked about it. */
  explain(accountId: string): Promise<InForce>;
}

export interface InForce {
  readonly plan: PlanName;
  readonly features: readonly Feature[];
  /** `unlimited` (Infinity) is possible. */
  readonly limits: Readonly<Record<Limit, number>>;
  /** The subscription that counts, whether or not it gives its plan. */
  readonly subscription: CurrentSubscription | undefined;
  /** Why it is that plan. */
  readonly grounds: Grounds;
}

export type Grounds =
  | 'not_subscribed'
  | 'paid'
  | 'trial'
  /** A payment is owed, and the plan kept for some days. */
  | 'grace'
  /** A payment is owed for longer, or there is nothing to pay with. */
  | 'not_paid'
  /** Its price is that of no plan. */
  | 'unknown_price';

export function openEntitlements({ database }: Pick<BillingDeps, 'database'>): Entitlements {
  const { queries } = database;

  async function can(accountId: string, feature: Feature): Promise<boolean> {
    const { plan } = await readHolding(queries, accountId);
    return plans[plan].features.includes(feature);
  }

  return {
    planOf: async (accountId) => (await readHolding(queries, accountId)).plan,
    can,
    limit: async (accountId, limit) => limitOf(await readHolding(queries, accountId), limit),

    async requireFeature(accountId, feature) {
      if (!(await can(accountId, feature))) throw featureNotInPlan();
    },

    async withinLimit(tx, accountId, limit, count) {
      await lockLimits(tx, accountId);
      const most = limitOf(await readHolding(tx, accountId), limit);
      if ((await count()) < most) return;
      throw planLimitReached({ detail: `The limit of ${limit} is ${most}.` });
    },

    async explain(accountId) {
      const subscription = await currentSubscriptionOf(queries, accountId);
      const holding = subscription ?? { plan: freePlan };
      const { features, limits } = plans[holding.plan];
      return {
        plan: holding.plan,
        features,
        limits: Object.fromEntries(
          limitNames(limits).map((limit) => [limit, limitOf(holding, limit)]),
        ) as Record<Limit, number>,
        subscription,
        grounds: groundsOf(subscription),
      };
    },
  };
}

/**
 * For routes of a feature that not every plan has: `withFeature(signedIn(auth), billing, 'exports')`.
 * Such a route declares the error `featureNotInPlan`.
 */
export function withFeature<Identity extends { readonly accountId: string }>(
  guard: Guard<Identity>,
  billing: { readonly entitlements: Pick<Entitlements, 'requireFeature'> },
  feature: Feature,
): Guard<Identity> {
  return {
    ...guard,
    async check(request) {
      const identity = await guard.check(request);
      await billing.entitlements.requireFeature(identity.accountId, feature);
      return identity;
    },
  };
}

/** What an account has bought. */
interface Holding {
  readonly plan: PlanName;
  /** Undefined where it has bought nothing. */
  readonly quantity?: number;
}

function groundsOf(subscription: CurrentSubscription | undefined): Grounds {
  if (subscription === undefined) return 'not_subscribed';
  const { status, plan } = subscription;
  const bought = planOf(subscription);
  if (bought === undefined) return 'unknown_price';
  if (plan !== bought) return 'not_paid';
  if (status === 'trialing') return 'trial';
  return status === 'past_due' ? 'grace' : 'paid';
}

function limitNames(limits: Readonly<Record<Limit, number>>): Limit[] {
  return Object.keys(limits) as Limit[];
}

function limitOf({ plan, quantity }: Holding, limit: Limit): number {
  const { perSeat, limits } = plans[plan];
  return limit === 'seats' && perSeat ? (quantity ?? 0) : limits[limit];
}

async function readHolding(queries: Queries, accountId: string): Promise<Holding> {
  return (await currentSubscriptionOf(queries, accountId)) ?? { plan: freePlan };
}
