import { and, asc, inArray, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { webhookEvents } from './models.ts';

/** Longer than Stripe can send an event again: 30 days, by its command line. */
const days = 35;
const batch = 1000;

/**
 * Removes what was done or ignored and can no longer come again, a batch at a time so that nothing
 * is locked for long. What was given up stays until somebody has decided about it.
 */
export async function prune(database: Database): Promise<void> {
  const old = and(
    inArray(webhookEvents.state, ['processed', 'ignored']),
    sql`${webhookEvents.receivedAt} < UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`,
  );
  let removed = batch;
  while (removed === batch) {
    // In the order of its index: else every row in those states might be looked at.
    const [result] = await database.queries
      .delete(webhookEvents)
      .where(old)
      .orderBy(asc(webhookEvents.receivedAt))
      .limit(batch);
    removed = result.affectedRows;
  }
}
