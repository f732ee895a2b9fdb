import { count, inArray } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import { billingSubscriptions } from '../models.ts';

const counted = ['active', 'trialing', 'past_due'] as const;

/** How many subscriptions are paid for, are tried, and owe a payment. */
export async function countSubscriptions(
  queries: Queries,
): Promise<Record<(typeof counted)[number], number>> {
  const rows = await queries
    .select({ status: billingSubscriptions.status, count: count() })
    .from(billingSubscriptions)
    .where(inArray(billingSubscriptions.status, [...counted]))
    .groupBy(billingSubscriptions.status);
  const of = (status: string): number => rows.find((row) => row.status === status)?.count ?? 0;
  return { active: of('active'), trialing: of('trialing'), past_due: of('past_due') };
}
