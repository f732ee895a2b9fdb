import type { MySqlInsertValue } from 'drizzle-orm/mysql-core';
import { isDuplicate, isTransient } from '#app/database/errors.ts';
import type { Database, Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { now } from '#app/database/clock.ts';
import { firstLease, type Claim } from './claims.ts';
import type { IgnoredFor } from './ignored.ts';
import { webhookEvents } from './models.ts';
import type { SignedEvent } from './signed-event.ts';

type NewRow = MySqlInsertValue<typeof webhookEvents>;

/** Times that a row is inserted, where a deadlock refuses it. */
const attempts = 3;

/** Stores an event for whoever is free. Resolves to false where it was stored before. */
export async function storeReceived(database: Database, event: SignedEvent): Promise<boolean> {
  const id = await insert(database, { ...rowOf(event), state: 'received', availableAt: now });
  return id !== undefined;
}

/**
 * Stores an event for whoever is free, if the transaction commits. A deadlock ends all of that, so it
 * is for the transaction to begin again.
 *
 * @returns the id of its row, nothing where the event was stored before
 */
export function storeIn(tx: Transaction, event: SignedEvent): Promise<number | undefined> {
  return insertOnce(tx, { ...rowOf(event), state: 'received', availableAt: now });
}

/** Stores an event about which nothing is done. Resolves to false where it was stored before. */
export async function storeIgnored(
  database: Database,
  event: SignedEvent,
  reason: IgnoredFor,
): Promise<boolean> {
  const id = await insert(database, { ...rowOf(event), state: 'ignored', lastError: reason });
  return id !== undefined;
}

/** Stores an event with a lease of its first attempt. Resolves to nothing where it was stored before. */
export async function storeClaimed(
  database: Database,
  event: SignedEvent,
): Promise<Claim | undefined> {
  const lease = firstLease();
  const id = await insert(database, { ...rowOf(event), ...lease });
  if (id === undefined) return undefined;
  const { type, payload } = event;
  return { id, eventId: event.id, type, payload, leaseToken: lease.leaseToken, attempt: 1 };
}

/** @returns its id, nothing where the event was stored before */
async function insert({ queries }: Database, row: NewRow): Promise<number | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await insertOnce(queries, row);
    } catch (error) {
      // Several that waited for the first one, whose insert was undone, can block each other.
      if (!isTransient(error) || attempt === attempts) throw error;
    }
  }
}

/**
 * Inserts a row and says at once if it is there: waiting for whoever processes it would hold up one
 * connection for each duplicate. Any other statement would not tell a duplicate from a new row (an
 * upsert counts one row either way, and `INSERT IGNORE` swallows every other error, too).
 *
 * @returns its id, nothing where the event was stored before
 */
async function insertOnce(
  queries: Queries | Transaction,
  row: NewRow,
): Promise<number | undefined> {
  try {
    const [{ insertId }] = await queries.insert(webhookEvents).values(row);
    return insertId;
  } catch (error) {
    if (isDuplicate(error, 'webhook_events_event')) return undefined;
    throw error;
  }
}

function rowOf({ id, created, ...event }: SignedEvent) {
  return { ...event, provider: 'stripe', eventId: id, eventCreated: created, receivedAt: now };
}
