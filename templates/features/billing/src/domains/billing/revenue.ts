import { and, gte, notInArray, sql } from 'drizzle-orm';
import type { MySqlColumn } from 'drizzle-orm/mysql-core';
import type { Queries } from '#app/database/database.ts';
import { billingPayments, billingRefunds } from './models.ts';
import { undone } from './refunds/refunded-of.ts';

/** What was paid on a day in one currency, or was sent back. */
export interface DayRevenue {
  /** In UTC: `2026-01-31`. */
  readonly day: string;
  readonly currency: string;
  /** In the smallest unit; below zero where it was sent back. */
  readonly amount: number;
}

/** Days that are looked at: with any fewer, not all of a long month would be among them. */
const days = 31;

/**
 * What makes up the revenue of the last 31 days, today's the last: what was paid before is not gone
 * through, however much it is.
 *
 * @returns a row for what was paid, and one for what was sent back, on each day in each currency;
 *   and which day it is by the database's clock
 */
export async function recentRevenue(
  queries: Queries,
): Promise<{ today: string; rows: readonly DayRevenue[] }> {
  const first = sql`UTC_DATE() - INTERVAL ${days - 1} DAY`;
  const [[clock], paid, refunded] = await Promise.all([
    queries.select({ today: dateOf(sql`UTC_DATE()`) }).from(sql`DUAL`),
    queries
      .select({
        day: dateOf(billingPayments.paidAt).as('day'),
        currency: billingPayments.currency,
        amount: sql`SUM(${billingPayments.amount})`.mapWith(Number),
      })
      .from(billingPayments)
      .where(gte(billingPayments.paidAt, first))
      .groupBy(sql`day`, billingPayments.currency),
    queries
      .select({
        day: dateOf(billingRefunds.createdAt).as('day'),
        currency: billingRefunds.currency,
        amount: sql`-SUM(${billingRefunds.amount})`.mapWith(Number),
      })
      .from(billingRefunds)
      .where(
        and(gte(billingRefunds.createdAt, first), notInArray(billingRefunds.status, [...undone])),
      )
      .groupBy(sql`day`, billingRefunds.currency),
  ]);
  return { today: clock?.today ?? '', rows: [...paid, ...refunded] };
}

/** As text: the driver would make a moment of it. */
function dateOf(value: MySqlColumn | ReturnType<typeof sql>) {
  return sql<string>`DATE_FORMAT(${value}, '%Y-%m-%d')`;
}
