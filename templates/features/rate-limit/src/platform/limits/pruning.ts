import { sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { type Loop, startLoop } from '#app/platform/loop.ts';
import { rateLimits } from './models.ts';

/** Milliseconds between two rounds. */
const pause = 600_000;
/** Rows that one statement removes, so that nothing is locked for long. */
const batch = 1000;

/** Removes, every ten minutes, what has ended. */
export function startPruning(deps: { database: Database; log: Log }): Loop {
  return startLoop({ name: 'limit pruning', pause, log: deps.log }, () => prune(deps.database));
}

export async function prune({ queries }: Pick<Database, 'queries'>): Promise<void> {
  // Not at once: who comes back soon finds the row, and nobody waits for its removal.
  const old = sql`${rateLimits.endsAt} < UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE`;
  let removed = batch;
  while (removed === batch) {
    const [result] = await queries.delete(rateLimits).where(old).limit(batch);
    removed = result.affectedRows;
  }
}
