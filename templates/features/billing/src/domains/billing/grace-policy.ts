import { and, eq, sql } from 'drizzle-orm';
import { billingSubscriptions } from './models.ts';

export const gracePolicy = {
  /** Days from the invoice that was not paid for which the plan is kept. */
  days: 14,
  /** The days of these on which a mail is sent; 0 is at once. */
  mailDays: [0, 3, 7, 13],
} as const;

const { status, pastDueSince } = billingSubscriptions;

/** Subscriptions that owe a payment, and keep their plan for now. */
export const inGrace = and(
  eq(status, 'past_due'),
  sql`${pastDueSince} > UTC_TIMESTAMP(3) - INTERVAL ${gracePolicy.days} DAY`,
);

/** When grace ends for a payment that has been owed since then. */
export function endOfGrace(since: Date): Date {
  return new Date(since.getTime() + gracePolicy.days * 86_400_000);
}
