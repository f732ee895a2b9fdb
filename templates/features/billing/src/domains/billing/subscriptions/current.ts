import { and, desc, eq, inArray, notInArray, or, sql, type SQL } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { inGrace } from '../grace-policy.ts';
import { billingSubscriptions } from '../models.ts';
import { freePlan, planOfPrice, type PlanName } from '../plans.ts';

export type SubscriptionRow = typeof billingSubscriptions.$inferSelect;

/** Nothing comes after these: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export const ended = ['canceled', 'incomplete_expired'];
const notLive = [...ended, 'incomplete'];

export function hasEnded(status: string): boolean {
  return ended.includes(status);
}

/** Whether it has begun and has not ended. One that is `incomplete` is not paid yet, and may never be. */
export function isLive(status: string): boolean {
  return !notLive.includes(status);
}

/** The plan that a subscription is for; undefined for a price that no plan has. */
export function planOf(
  row: Pick<SubscriptionRow, 'priceLookupKey' | 'pricePlan'>,
): PlanName | undefined {
  return planOfPrice(row.priceLookupKey, { plan: row.pricePlan });
}

/** The subscription that counts. */
export interface CurrentSubscription extends SubscriptionRow {
  /** What the account has by it now: the free plan where it is not paid for. */
  readonly plan: PlanName;
}

const { accountId, status, createdAt, stripeSubscriptionId } = billingSubscriptions;

/**
 * What is paid for, may be tried, or is still waited for gives its plan; anything else gives nothing.
 * By its status alone: a service whose collection is paused is given away for a while
 * (https://docs.stripe.com/billing/subscriptions/pause-payment).
 */
const givesPlan = or(inArray(status, ['active', 'trialing']), inGrace);

/**
 * Finds the subscription that counts for everything: for what the account may do, for what it is
 * shown, and for what it cancels and changes. It is the newest that is live. A second one can only
 * be made at Stripe itself, or by two payments at once.
 */
export async function currentSubscriptionOf(
  queries: Queries | Transaction,
  account: string,
): Promise<CurrentSubscription | undefined> {
  const [found] = await queries
    .select({ row: billingSubscriptions, gives: sql<number | null>`${givesPlan}` })
    .from(billingSubscriptions)
    .where(of(account, notInArray(status, notLive)))
    .orderBy(...newestFirst)
    .limit(1);
  if (found === undefined) return undefined;
  const { row, gives } = found;
  return { ...row, plan: (gives === 1 ? planOf(row) : undefined) ?? freePlan };
}

/** The subscriptions of an account that are live, the one that counts first. */
export function liveSubscriptionsOf(
  queries: Queries | Transaction,
  account: string,
): Promise<SubscriptionRow[]> {
  return subscriptionsBy(queries, of(account, notInArray(status, notLive)));
}

/** Those that have not ended: also those that may never begin. */
export function openSubscriptionsOf(
  queries: Queries | Transaction,
  account: string,
): Promise<SubscriptionRow[]> {
  return subscriptionsBy(queries, of(account, notInArray(status, ended)));
}

/** All that an account has had, the newest first. */
export function latestSubscriptionsOf(
  queries: Queries | Transaction,
  account: string,
  limit: number,
): Promise<SubscriptionRow[]> {
  return queries
    .select()
    .from(billingSubscriptions)
    .where(eq(accountId, account))
    .orderBy(...newestFirst)
    .limit(limit);
}

const newestFirst = [desc(createdAt), desc(stripeSubscriptionId)];

const of = (account: string, condition: SQL): SQL | undefined =>
  and(eq(accountId, account), condition);

async function subscriptionsBy(
  queries: Queries | Transaction,
  condition: SQL | undefined,
): Promise<SubscriptionRow[]> {
  return queries
    .select()
    .from(billingSubscriptions)
    .where(condition)
    .orderBy(...newestFirst);
}
