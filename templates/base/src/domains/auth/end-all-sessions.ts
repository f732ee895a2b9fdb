import { isNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sessions } from './models.ts';

/** Few enough that nobody waits long for the rows that one statement locks. */
const batch = 1000;

/**
 * Ends every session, and so all refresh tokens with them: everybody has to sign in again.
 *
 * @param actor who does it, for the audit log
 * @returns how many it ended
 */
export async function endAllSessions(database: Database, actor: string): Promise<number> {
  for (let ended = 0; ;) {
    const count = await database.transaction(endBatch);
    ended += count;
    if (count === batch) continue;
    const act = { actor, action: 'sessions.all_ended', detail: { ended } };
    await database.transaction((tx) => recordAct(tx, act));
    return ended;
  }
}

async function endBatch(tx: Transaction): Promise<number> {
  const [{ affectedRows }] = await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(isNull(sessions.revokedAt))
    .limit(batch);
  return affectedRows;
}
