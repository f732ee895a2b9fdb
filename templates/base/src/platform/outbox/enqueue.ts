import { sql } from 'drizzle-orm';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Sealing } from '../sealing.ts';
import type { Delivery } from './delivery.ts';
import { outbox } from './models.ts';
import { sealPayload } from './payload.ts';

/**
 * Writes what is to be delivered.
 *
 * @returns the key that the delivery will have
 * @throws ZodError where the payload is not one of its kind
 */
export async function enqueue<Payload>(
  sealing: Sealing,
  tx: Transaction,
  delivery: Delivery<Payload>,
  payload: Payload,
): Promise<string> {
  const row = { id: newId(), kind: delivery.kind };
  const sealed = sealPayload(sealing, row, delivery.payload.parse(payload));
  await tx.insert(outbox).values({ ...row, payload: sealed, availableAt: sql`UTC_TIMESTAMP(3)` });
  return row.id;
}
