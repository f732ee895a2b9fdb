import type { RowDataPacket } from 'mysql2/promise';
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
  readonly eventId?: string;
}

/** Writes an event as if it had come some time ago; nobody takes it by itself. */
export async function writeEvent(
  { service }: TestBilling,
  { state, type = 'invoice.paid', payload = '{}', lastError = null, eventId }: EventColumns,
): Promise<WrittenEvent> {
  written += 1;
  const name = eventId ?? `evt_Test${written}`;
  const [{ insertId }] = await service.database.connection.query<
    RowDataPacket[] & { insertId: number }
  >(
    `INSERT INTO webhook_events (provider, event_id, type, livemode, event_created, payload, state,
       attempts, available_at, last_error, received_at)
     VALUES ('stripe', ?, ?, 0, 1700000000, ?, ?, 8,
       IF(? IN ('received', 'processing', 'failed'), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, NULL), ?,
       UTC_TIMESTAMP(3) - INTERVAL 2 HOUR)`,
    [name, type, payload, state, state, lastError],
  );
  return { id: insertId, eventId: name, path: `/admin/webhooks/${insertId}` };
}

/** The row of an event, and what the audit log says of it. */
export async function readEvent(billing: TestBilling, { id }: WrittenEvent) {
  const [row] = await select(billing, 'SELECT * FROM webhook_events WHERE id = ?', id);
  const acts = await select(
    billing,
    'SELECT actor, action, detail FROM audit_log WHERE subject = ? ORDER BY id',
    `webhook:${id}`,
  );
  return { row, acts };
}
