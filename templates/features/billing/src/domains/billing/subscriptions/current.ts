import { and, desc, eq, notInArray } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { billingSubscriptions } from '../models.ts';
import { planOfPrice, type PlanName } from '../plans.ts';

export type SubscriptionRow = typeof billingSubscriptions.$inferSelect;

/** Nothing comes after these: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export const ended = ['canceled', 'incomplete_expired'];

export function hasEnded(status: string): boolean {
  return ended.includes(status);
}

/** Whether it counts: it has begun and has not ended. One that is `incomplete` is not paid yet. */
export function isLive(status: string): boolean {
  return status !== 'incomplete' && !hasEnded(status);
}

/** The plan that a subscription is for; undefined for a price that no plan has. */
export function planOf(
  row: Pick<SubscriptionRow, 'priceLookupKey' | 'pricePlan'>,
): PlanName | undefined {
  return planOfPrice(row.priceLookupKey, { plan: row.pricePlan });
}

/**
 * The subscriptions of an account that have not ended, the one that counts first. A second one can
 * only be made at Stripe itself; then the newest counts that is live.
 */
export async function openSubscriptionsOf(
  queries: Queries | Transaction,
  accountId: string,
): Promise<SubscriptionRow[]> {
  const rows = await queries
    .select()
    .from(billingSubscriptions)
    .where(
      and(
        eq(billingSubscriptions.accountId, accountId),
        notInArray(billingSubscriptions.status, ended),
      ),
    )
    .orderBy(desc(billingSubscriptions.createdAt), desc(billingSubscriptions.stripeSubscriptionId));
  return [
    ...rows.filter(({ status }) => isLive(status)),
    ...rows.filter(({ status }) => !isLive(status)),
  ];
}
