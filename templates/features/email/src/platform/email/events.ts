// The events of the provider that were taken.
import { asc, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { emailEvents } from './models.ts';

/** Resend sends an event again for some ten hours, and longer where somebody asks it to. */
const days = 35;
const batch = 1000;

/**
 * Notes that an event is taken, if the transaction commits.
 *
 * @returns false where it was taken before
 */
export async function takeOnce(tx: Transaction, id: string): Promise<boolean> {
  try {
    await tx.insert(emailEvents).values({ id });
    return true;
  } catch (error) {
    if (isDuplicate(error, 'PRIMARY')) return false;
    throw error;
  }
}

/** Forgets those that can no longer come again, a batch at a time so that nothing is locked for long. */
export async function pruneEmailEvents(database: Database): Promise<void> {
  const old = sql`${emailEvents.receivedAt} < UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`;
  let removed = batch;
  while (removed === batch) {
    const [result] = await database.queries
      .delete(emailEvents)
      .where(old)
      .orderBy(asc(emailEvents.receivedAt))
      .limit(batch);
    removed = result.affectedRows;
  }
}
