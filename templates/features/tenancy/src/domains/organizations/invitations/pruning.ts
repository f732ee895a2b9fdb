import { lt, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { type Loop, startLoop } from '#app/platform/loop.ts';
import { invitations } from '../models.ts';

/** Milliseconds between two rounds. */
const pause = 3_600_000;
/** Days for which an expired invitation is shown, and can be sent anew. */
const keptDays = 30;
/** Rows that one statement removes, so that nothing is locked for long. */
const batch = 1000;

/** Removes, every hour, the invitations that nobody has answered or sent anew. */
export function startPruning({ database, log }: { database: Database; log: Log }): Loop {
  return startLoop({ name: 'invitation pruning', pause, log }, () => prune(database));
}

export async function prune({ queries }: Pick<Database, 'queries'>): Promise<void> {
  const old = lt(invitations.expiresAt, sql`UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY`);
  let removed = batch;
  while (removed === batch) {
    const [result] = await queries.delete(invitations).where(old).limit(batch);
    removed = result.affectedRows;
  }
}
