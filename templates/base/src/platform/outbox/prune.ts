import { sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { outbox } from './models.ts';

const days = 7;
const batch = 1000;

/** Removes what was delivered long ago, a batch at a time so that nothing is locked for long. */
export async function prune(database: Database): Promise<void> {
  const old = sql`${outbox.sentAt} < UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`;
  let removed = batch;
  while (removed === batch) {
    const [result] = await database.queries.delete(outbox).where(old).limit(batch);
    removed = result.affectedRows;
  }
}
