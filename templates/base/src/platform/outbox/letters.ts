// What an operator sees of the outbox, and may do to it. Nobody sees a payload.
import { and, asc, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '../audit/audit.ts';
import { outbox } from './models.ts';

export const letterStates = outbox.state.enumValues;
export type LetterState = (typeof letterStates)[number];

const shown = {
  id: outbox.id,
  kind: outbox.kind,
  state: outbox.state,
  attempts: outbox.attempts,
  availableAt: outbox.availableAt,
  lastError: outbox.lastError,
  createdAt: outbox.createdAt,
};

export type Letter = Pick<typeof outbox.$inferSelect, keyof typeof shown>;

/** The oldest in a state; without one, of all that are not sent. Without a limit, every one. */
export async function listLetters(
  database: Database,
  { state, limit }: { state?: LetterState | undefined; limit?: number },
): Promise<Letter[]> {
  const letters = database.queries
    .select(shown)
    .from(outbox)
    .where(state === undefined ? ne(outbox.state, 'sent') : eq(outbox.state, state))
    .orderBy(asc(outbox.id));
  return limit === undefined ? letters : letters.limit(limit);
}

/** How many are not delivered, by state; of a great many, the first hundred thousand are counted. */
export async function countOutbox({ queries }: Database): Promise<Record<Undelivered, number>> {
  const undelivered = queries
    .select({ state: outbox.state })
    .from(outbox)
    // What was sent is most of the table: this is the index that leaves it out.
    .where(isNull(outbox.sentAt))
    .limit(100_001)
    .as('undelivered');
  const counts = await queries
    .select({ state: undelivered.state, count: sql<number>`COUNT(*)` })
    .from(undelivered)
    .groupBy(undelivered.state);
  const counted = Object.fromEntries(counts.map(({ state, count }) => [state, count]));
  return { pending: 0, sending: 0, failed: 0, dead: 0, ...counted };
}

type Undelivered = Exclude<LetterState, 'sent'>;

/**
 * What became of an order: it was carried out, or in which state the row is that does not allow it;
 * or there is no such row.
 */
export type Outcome = 'done' | LetterState | 'missing';

/** Has a row that failed or was given up delivered again, as if it were new. */
export function replayLetter(database: Database, id: string, actor: string): Promise<Outcome> {
  return act(database, { id, actor, action: 'outbox.replayed' }, async (tx) => {
    const [{ affectedRows }] = await tx
      .update(outbox)
      .set({ state: 'pending', attempts: 0, availableAt: sql`UTC_TIMESTAMP(3)` })
      .where(and(eq(outbox.id, id), inArray(outbox.state, ['failed', 'dead'])));
    return affectedRows === 1;
  });
}

/** Removes a row that is not delivered yet, and that nobody is delivering: it never will be. */
export function discardLetter(database: Database, id: string, actor: string): Promise<Outcome> {
  return act(database, { id, actor, action: 'outbox.discarded' }, async (tx) => {
    const [{ affectedRows }] = await tx
      .delete(outbox)
      .where(and(eq(outbox.id, id), inArray(outbox.state, ['pending', 'failed', 'dead'])));
    return affectedRows === 1;
  });
}

function act(
  database: Database,
  { id, actor, action }: { id: string; actor: string; action: string },
  change: (tx: Transaction) => Promise<boolean>,
): Promise<Outcome> {
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({ state: outbox.state, kind: outbox.kind })
      .from(outbox)
      .where(eq(outbox.id, id))
      .for('update');
    if (row === undefined) return 'missing';
    if (!(await change(tx))) return row.state;
    recordAct(tx, { actor, action, subject: `outbox:${id}`, detail: { kind: row.kind } });
    return 'done';
  });
}
