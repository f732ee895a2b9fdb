import { asc, eq, inArray, isNotNull, or, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { type Loop, startLoop } from '#app/platform/loop.ts';
import { adminUsers } from '../models.ts';
import { idle } from './limits.ts';
import { adminSessions } from './models.ts';

/** Milliseconds between two rounds. */
const pause = 60_000;
/** Sessions that one round removes, so that nothing is locked for long. */
const batch = 100;

/** Removes, every minute, the sessions whose time is over. */
export function startPruning({ database, log }: { database: Database; log: Log }): Loop {
  return startLoop({ name: 'admin pruning', pause, log }, () => removeExpired(database));
}

export async function removeExpired({ queries }: Pick<Database, 'queries'>): Promise<void> {
  const expired = await queries
    .select({ id: adminSessions.id })
    .from(adminSessions)
    .innerJoin(adminUsers, eq(adminUsers.id, adminSessions.adminId))
    .where(
      or(
        sql`${adminSessions.expiresAt} <= ${now}`,
        sql`${adminSessions.lastUsedAt} <= UTC_TIMESTAMP(3) - INTERVAL ${idle} SECOND`,
        isNotNull(adminUsers.disabledAt),
      ),
    )
    .orderBy(asc(adminSessions.expiresAt))
    .limit(batch);
  if (expired.length === 0) return;
  const ids = expired.map(({ id }) => id);
  await queries.delete(adminSessions).where(inArray(adminSessions.id, ids));
}
