// The rows of the outbox as they pass through a worker's hands. Every change names the lease that
// it was made under: a worker that was away for too long changes nothing.
import { randomUUID } from 'node:crypto';
import { and, asc, eq, lte } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { outbox } from './models.ts';

/** Attempts after which a row is given up. */
export const maxAttempts = 8;
/** Seconds after which another worker may take a row over. */
const leaseSeconds = 60;

export interface Claim {
  readonly id: string;
  readonly kind: string;
  readonly payload: Buffer;
  readonly leaseToken: string;
  /** Counts from 1; one above the limit has found the row given up. */
  readonly attempt: number;
}

/**
 * Takes one row that is due, or whose worker has lost it. The attempt is counted here: one that
 * ends the process would never be counted afterwards, and would be made for ever. One row at a time,
 * so that it does not cost its neighbours an attempt either.
 */
export function claimNext(database: Database): Promise<Claim | undefined> {
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({
        id: outbox.id,
        kind: outbox.kind,
        payload: outbox.payload,
        attempts: outbox.attempts,
      })
      .from(outbox)
      .where(lte(outbox.availableAt, now))
      .orderBy(asc(outbox.availableAt), asc(outbox.id))
      .limit(1)
      .for('update', { skipLocked: true });
    if (row === undefined) return undefined;

    const { attempts, ...found } = row;
    const claim = { ...found, leaseToken: randomUUID(), attempt: attempts + 1 };
    await tx
      .update(outbox)
      .set(
        attempts >= maxAttempts
          ? { state: 'dead', availableAt: null, leaseToken: null }
          : {
              state: 'sending',
              availableAt: inSeconds(leaseSeconds),
              leaseToken: claim.leaseToken,
              attempts: claim.attempt,
            },
      )
      .where(eq(outbox.id, row.id));
    return claim;
  });
}

/** Resolves to whether the lease still held. What was delivered is not kept. */
export function markSent(database: Database, claim: Claim): Promise<boolean> {
  return release(database, claim, {
    state: 'sent',
    availableAt: null,
    sentAt: now,
    payload: Buffer.alloc(0),
    lastError: null,
  });
}

/**
 * Resolves to whether the lease still held.
 *
 * @param retryIn seconds until the next attempt; nothing where there is none
 */
export function markFailed(
  database: Database,
  claim: Claim,
  failure: { reason: string; retryIn: number | undefined },
): Promise<boolean> {
  const { reason, retryIn } = failure;
  return release(database, claim, {
    state: retryIn === undefined ? 'dead' : 'failed',
    availableAt: retryIn === undefined ? null : inSeconds(retryIn),
    lastError: reason.slice(0, 500),
  });
}

function release(
  database: Database,
  { id, leaseToken }: Claim,
  change: Parameters<ReturnType<Database['queries']['update']>['set']>[0],
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [{ affectedRows }] = await tx
      .update(outbox)
      .set({ ...change, leaseToken: null })
      .where(and(eq(outbox.id, id), eq(outbox.leaseToken, leaseToken)));
    return affectedRows === 1;
  });
}
