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
  /** What the plan in force for an account gives, and why it is that, for whoever is asked about it. */
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

/** What an account has, and all that is asked for here is read from. */
export interface Holding {
  readonly plan: PlanName;
  readonly features: readonly string[];
  /** `unlimited` (Infinity) is possible. */
  readonly limits: Readonly<Record<Limit, number>>;
}

export type ReadHolding = (queries: Queries | Transaction, accountId: string) => Promise<Holding>;

/** What the account's plan gives. */
export const planHolding: ReadHolding = async (queries, accountId) =>
  holdingOf(await currentSubscriptionOf(queries, accountId));

/** @param deps.readHolding where an account has more than its plan gives */
export function openEntitlements({
  database,
  readHolding = planHolding,
}: Pick<BillingDeps, 'database' | 'readHolding'>): Entitlements {
  const { queries } = database;

  async function can(accountId: string, feature: Feature): Promise<boolean> {
    const { features } = await readHolding(queries, accountId);
    return features.includes(feature);
  }

  return {
    planOf: async (accountId) => (await readHolding(queries, accountId)).plan,
    can,
    limit: async (accountId, limit) => (await readHolding(queries, accountId)).limits[limit],

    async requireFeature(accountId, feature) {
      if (!(await can(accountId, feature))) throw featureNotInPlan();
    },

    async withinLimit(tx, accountId, limit, count) {
      await lockLimits(tx, accountId);
      const most = (await readHolding(tx, accountId)).limits[limit];
      if ((await count()) < most) return;
      throw planLimitReached({ detail: `The limit of ${limit} is ${most}.` });
    },

    async explain(accountId) {
      const subscription = await currentSubscriptionOf(queries, accountId);
      const { plan, limits } = holdingOf(subscription);
      const { features } = plans[plan];
      return { plan, features, limits, subscription, grounds: groundsOf(subscription) };
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

function groundsOf(subscription: CurrentSubscription | undefined): Grounds {
  if (subscription === undefined) return 'not_subscribed';
  const { status, plan } = subscription;
  const bought = planOf(subscription);
  if (bought === undefined) return 'unknown_price';
  if (plan !== bought) return 'not_paid';
  if (status === 'trialing') return 'trial';
  return status === 'past_due' ? 'grace' : 'paid';
}

/** @param bought undefined where nothing is bought */
function holdingOf(bought: Pick<CurrentSubscription, 'plan' | 'quantity'> | undefined): Holding {
  const { plan, quantity } = bought ?? { plan: freePlan, quantity: 0 };
  const { perSeat, features, limits } = plans[plan];
  return { plan, features, limits: perSeat ? { ...limits, seats: quantity } : limits };
}
