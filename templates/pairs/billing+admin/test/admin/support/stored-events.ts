import { select } from '../../billing/support/subscriber.ts';
import type { TestBilling } from '../../billing/support/billing.ts';

let written = 0;

export interface WrittenEvent {
  readonly id: number;
  readonly eventId: string;
  /** Its page in the admin area. */
  readonly path: string;
}

export interface EventColumns {
  readonly state: string;
  readonly type?: string;
  readonly payload?: string;
  readonly lastError?: string | null;
}

/** Writes an event as if it had come some time ago; nobody takes it by itself. */
export async function writeEvent(
  billing: TestBilling,
  columns: EventColumns,
): Promise<WrittenEvent> {
  const [event] = await writeEvents(billing, [columns]);
  if (event === undefined) throw new Error('No event was written');
  return event;
}

/** The same, for several: they came in this order. */
export async function writeEvents(
  billing: TestBilling,
  events: readonly EventColumns[],
): Promise<WrittenEvent[]> {
  const now = Date.now();
  const rows = events.map(({ state, type = 'invoice.paid', payload = '{}', lastError = null }) => {
    written += 1;
    const isWaiting = ['received', 'processing', 'failed'].includes(state);
    const due = isWaiting ? new Date(now + 3_600_000) : null;
    const received = new Date(now - 7_200_000);
    const eventId = `evt_Test${written}`;
    return ['stripe', eventId, type, 0, 1_700_000_000, payload, state, 8, due, lastError, received];
  });
  await billing.service.database.connection.query(
    `INSERT INTO webhook_events (provider, event_id, type, livemode, event_created, payload, state,
       attempts, available_at, last_error, received_at) VALUES ?`,
    [rows],
  );
  const found = await select(
    billing,
    'SELECT id, event_id FROM webhook_events WHERE event_id IN (?) ORDER BY id',
    rows.map(([, eventId]) => eventId),
  );
  return found.map(({ id, event_id: eventId }) => ({
    id,
    eventId,
    path: `/admin/webhooks/${id}`,
  }));
}

/** The row of an event, and what the audit log says of it. */
export async function readEvent(billing: TestBilling, { id }: WrittenEvent) {
  const [row] = await select(billing, 'SELECT * FROM webhook_events WHERE id = ?', id);
  return { row, acts: await actsBy(billing, 'subject', `webhook:${id}`) };
}

/** What the audit log says of somebody, or that they have done; the oldest first. */
export async function actsBy(billing: TestBilling, column: 'actor' | 'subject', who: string) {
  const acts = await select(
    billing,
    `SELECT actor, action, CAST(detail AS CHAR) AS detail FROM audit_log
     WHERE ?? = ? ORDER BY id`,
    column,
    who,
  );
  return acts.map(({ actor, action, detail }) => ({ actor, action, detail: JSON.parse(detail) }));
}
