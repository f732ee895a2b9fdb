import { and, inArray, isNull, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sessions } from './models.ts';
import { otherSessions } from './other-sessions.ts';
import { tellOfEnds } from './sessions/tell-of-ends.ts';

/** Ends all sessions of one other kind. Resolves to how many there were. */
type EndOthers = (tx: Transaction) => Promise<number>;

const others: Readonly<Record<string, EndOthers>> = otherSessions;

/** Few enough that nobody waits long for the rows that one statement locks. */
const batch = 1000;

/**
 * Ends every session, and so all refresh tokens with them: everybody has to sign in again.
 *
 * @param actor who does it, for the audit log
 * @returns how many it ended that had not expired
 */
export async function endAllSessions(database: Database, actor: string): Promise<number> {
  for (let ended = 0; ;) {
    const { found, live } = await database.transaction(endBatch);
    ended += live;
    if (found === batch) continue;
    for (const endOthers of Object.values(others)) ended += await database.transaction(endOthers);
    const act = { actor, action: 'sessions.all_ended', detail: { ended } };
    await database.transaction((tx) => recordAct(tx, act));
    await tellOfEnds();
    return ended;
  }
}

/** Resolves to how many it found, and how many of them had not ended by themselves. */
async function endBatch(tx: Transaction): Promise<{ found: number; live: number }> {
  const rows = await tx
    .select({ id: sessions.id, live: sql<number>`${sessions.expiresAt} > UTC_TIMESTAMP(3)` })
    .from(sessions)
    .where(isNull(sessions.revokedAt))
    .limit(batch)
    .for('update');
  if (rows.length === 0) return { found: 0, live: 0 };
  const ids = rows.map(({ id }) => id);
  await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(inArray(sessions.id, ids), isNull(sessions.revokedAt)));
  return { found: rows.length, live: rows.filter(({ live }) => live === 1).length };
}
