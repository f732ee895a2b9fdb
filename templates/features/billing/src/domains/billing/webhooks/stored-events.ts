// What an operator sees of the inbox, and may do to it.
import { and, asc, eq, inArray, or, sql, type SQL } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { ignoredFor } from './ignored.ts';
import { webhookEvents } from './models.ts';

export const eventStates = webhookEvents.state.enumValues;
export type EventState = (typeof eventStates)[number];

/** Named one by one, so that their index finds them among many that are done. */
const notDone = ['received', 'processing', 'failed', 'dead'] as const satisfies EventState[];

const shown = {
  id: webhookEvents.id,
  eventId: webhookEvents.eventId,
  type: webhookEvents.type,
  state: webhookEvents.state,
  attempts: webhookEvents.attempts,
  availableAt: webhookEvents.availableAt,
  lastError: webhookEvents.lastError,
  receivedAt: webhookEvents.receivedAt,
  processedAt: webhookEvents.processedAt,
};
const shownAlone = {
  ...shown,
  livemode: webhookEvents.livemode,
  apiVersion: webhookEvents.apiVersion,
  eventCreated: webhookEvents.eventCreated,
};

/** An attempt that did not come to its end: nobody holds its lease any more. */
const lost = and(
  eq(webhookEvents.state, 'processing'),
  sql`${webhookEvents.availableAt} <= ${now}`,
);

type Row = typeof webhookEvents.$inferSelect;
export type StoredEvent = Pick<Row, keyof typeof shown>;
export type LoneEvent = Pick<Row, keyof typeof shownAlone>;
/** The payload holds names and addresses of customers. */
export type WholeEvent = LoneEvent & Pick<Row, 'payload'>;

/**
 * Those that were ignored by a version that had no handler for them, as one does that still runs
 * while the next is deployed; the oldest first.
 *
 * @param types those that are handled now
 */
export async function listUnhandled(
  database: Database,
  types: readonly string[],
): Promise<StoredEvent[]> {
  return database.queries
    .select(shown)
    .from(webhookEvents)
    .where(
      and(
        eq(webhookEvents.state, 'ignored'),
        eq(webhookEvents.lastError, ignoredFor.noHandler),
        inArray(webhookEvents.type, [...types]),
      ),
    )
    .orderBy(asc(webhookEvents.id));
}

/** The oldest in a state; without one, of all that are not done. Without a limit, every one. */
export async function listEvents(
  database: Database,
  { state, limit }: { state?: EventState | undefined; limit?: number },
): Promise<StoredEvent[]> {
  const events = database.queries
    .select(shown)
    .from(webhookEvents)
    .where(inArray(webhookEvents.state, state === undefined ? notDone : [state]))
    .orderBy(asc(webhookEvents.id));
  return limit === undefined ? events : events.limit(limit);
}

/** @param name the number of its row, or Stripe's id */
export async function findEvent(
  { queries }: Database,
  name: string,
): Promise<LoneEvent | undefined> {
  const [event] = await queries.select(shownAlone).from(webhookEvents).where(named(name));
  return event;
}

/**
 * Finds an event with what Stripe sent in it, and writes into the audit log who has read that.
 *
 * @param name the number of its row, or Stripe's id
 */
export function readPayload(
  database: Database,
  name: string,
  actor: string,
): Promise<WholeEvent | undefined> {
  return database.transaction(async (tx) => {
    const [event] = await tx
      .select({ ...shownAlone, payload: webhookEvents.payload })
      .from(webhookEvents)
      .where(named(name));
    if (event === undefined) return undefined;
    const { id, eventId, type } = event;
    recordAct(tx, {
      actor,
      action: 'webhook.payload_read',
      subject: `webhook:${id}`,
      detail: { eventId, type },
    });
    return event;
  });
}

/**
 * What became of an order: it was carried out, or in which state the row is that does not allow it;
 * or there is no such row.
 */
export type Outcome = 'done' | EventState | 'missing';

/**
 * Has an event processed as if it were new. It is safe to do so again: effects are made once for
 * what they are for, and everything else is read anew from Stripe.
 */
export function replayEvent(database: Database, name: string, actor: string): Promise<Outcome> {
  return act(database, { name, actor, action: 'webhook.replayed' }, async (tx, id) => {
    const [{ affectedRows }] = await tx
      .update(webhookEvents)
      .set({
        state: 'received',
        attempts: 0,
        availableAt: now,
        leaseToken: null,
        processedAt: null,
      })
      .where(
        and(
          eq(webhookEvents.id, id),
          or(inArray(webhookEvents.state, ['failed', 'dead', 'ignored', 'processed']), lost),
        ),
      );
    return affectedRows === 1;
  });
}

/**
 * Has nothing done about an event that waits, failed or was given up, nor about one whose attempt was
 * lost with its process, as it is each time where the event ends that. Its row stays for as long as
 * others.
 */
export function discardEvent(
  database: Database,
  name: string,
  actor: string,
  reason?: string,
): Promise<Outcome> {
  const order = { name, actor, action: 'webhook.discarded', reason };
  return act(database, order, async (tx, id) => {
    const [{ affectedRows }] = await tx
      .update(webhookEvents)
      .set({ state: 'ignored', availableAt: null, leaseToken: null })
      .where(
        and(
          eq(webhookEvents.id, id),
          or(inArray(webhookEvents.state, ['received', 'failed', 'dead']), lost),
        ),
      );
    return affectedRows === 1;
  });
}

async function act(
  database: Database,
  order: { name: string; actor: string; action: string; reason?: string | undefined },
  change: (tx: Transaction, id: number) => Promise<boolean>,
): Promise<Outcome> {
  const { name, actor, action, reason } = order;
  // Looked up without a lock: one on the event's own key would hold up a duplicate that comes in.
  const [found] = await database.queries.select(shown).from(webhookEvents).where(named(name));
  if (found === undefined) return 'missing';
  const { id, eventId, type } = found;
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({ state: webhookEvents.state })
      .from(webhookEvents)
      .where(eq(webhookEvents.id, id))
      .for('update');
    if (row === undefined) return 'missing';
    if (!(await change(tx, id))) return row.state;
    const detail = { eventId, type, ...(reason !== undefined && { reason }) };
    recordAct(tx, { actor, action, subject: `webhook:${id}`, detail });
    return 'done';
  });
}

function named(name: string): SQL | undefined {
  return /^\d+$/.test(name)
    ? eq(webhookEvents.id, Number(name))
    : and(eq(webhookEvents.provider, 'stripe'), eq(webhookEvents.eventId, name));
}
