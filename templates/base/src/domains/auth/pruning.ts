import { lt, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { type Loop, startLoop } from '#app/platform/loop.ts';
import { authAttempts, emailTokens, knownDevices, refreshTokens, sessions } from './models.ts';

/** Milliseconds between two rounds. */
const pause = 3_600_000;
/** Rows that one statement removes, so that nothing is locked for long. */
const batch = 1000;

const ago = (days: number) => sql`UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`;

/** What has no effect any more. Attempts are forgotten, and waits are over, well within a day. */
const obsolete = [
  { table: authAttempts, where: lt(authAttempts.refilledAt, ago(1)) },
  { table: knownDevices, where: lt(knownDevices.expiresAt, ago(0)) },
  { table: emailTokens, where: lt(emailTokens.expiresAt, ago(1)) },
  { table: refreshTokens, where: lt(refreshTokens.expiresAt, ago(1)) },
  // A session's last token outlives it by a week at most.
  { table: sessions, where: lt(sessions.expiresAt, ago(10)) },
];

/** Removes, every hour, what authentication no longer needs. */
export function startPruning(deps: { database: Database; log: Log }): Loop {
  return startLoop({ name: 'auth pruning', pause, log: deps.log }, () => prune(deps.database));
}

export async function prune(database: Database): Promise<void> {
  for (const { table, where } of obsolete) {
    let removed = batch;
    while (removed === batch) {
      const [result] = await database.queries.delete(table).where(where).limit(batch);
      removed = result.affectedRows;
    }
  }
}
