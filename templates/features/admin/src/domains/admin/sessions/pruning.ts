import { asc, eq, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { type Loop, startLoop } from '#app/platform/loop.ts';
import { adminSessions, adminUsers } from '../models.ts';
import { isLive } from './live.ts';
import type { AdminSessions } from './sessions.ts';

/** Milliseconds between two rounds. */
const pause = 60_000;
/** Sessions that one round ends, so that nothing is locked for long. */
const batch = 100;

interface Deps {
  readonly database: Database;
  readonly log: Log;
  readonly sessions: Pick<AdminSessions, 'end'>;
}

/** Ends, every minute, the sessions whose time is over, with what goes on in them. */
export function startPruning(deps: Deps): Loop {
  return startLoop({ name: 'admin pruning', pause, log: deps.log }, () => endExpired(deps));
}

export async function endExpired({ database, sessions }: Omit<Deps, 'log'>): Promise<void> {
  const expired = await database.queries
    .select({ id: adminSessions.id })
    .from(adminSessions)
    .innerJoin(adminUsers, eq(adminUsers.id, adminSessions.adminId))
    .where(sql`NOT (${isLive})`)
    .orderBy(asc(adminSessions.expiresAt))
    .limit(batch);
  for (const { id } of expired) {
    await database.transaction((tx) => sessions.end(tx, id));
  }
}
