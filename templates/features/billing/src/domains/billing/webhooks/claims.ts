// The rows of the inbox as they pass through the hands of whoever processes them. Every change names
// the lease that it was made under: who was away for too long changes nothing.
import { randomUUID } from 'node:crypto';
import { and, asc, eq, lte, type SQL } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { IgnoredFor } from './ignored.ts';
import { webhookEvents } from './models.ts';

/** Attempts after which an event is given up. */
export const maxAttempts = 8;
/** Seconds after which another may take an event over. */
const leaseSeconds = 60;

export interface Claim {
  /** Of the row. */
  readonly id: number;
  /** Stripe's. */
  readonly eventId: string;
  readonly type: string;
  readonly payload: Buffer;
  readonly leaseToken: string;
  /** Counts from 1; one above the limit has found the event given up. */
  readonly attempt: number;
}

/** What a row has that is stored and processed at once. */
export function firstLease() {
  return lease(1);
}

/**
 * Takes one event that is due, or that was lost with its worker. The attempt is counted here: one
 * that ends the process would never be counted afterwards, and would be made for ever. One event at
 * a time, so that it does not cost its neighbours an attempt either.
 */
export function claimNext(database: Database): Promise<Claim | undefined> {
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({
        id: webhookEvents.id,
        eventId: webhookEvents.eventId,
        type: webhookEvents.type,
        payload: webhookEvents.payload,
        attempts: webhookEvents.attempts,
      })
      .from(webhookEvents)
      .where(lte(webhookEvents.availableAt, now))
      .orderBy(asc(webhookEvents.availableAt), asc(webhookEvents.id))
      .limit(1)
      .for('update', { skipLocked: true });
    if (row === undefined) return undefined;

    const { attempts, ...found } = row;
    const leased = lease(attempts + 1);
    await tx
      .update(webhookEvents)
      .set(
        attempts >= maxAttempts ? { state: 'dead', availableAt: null, leaseToken: null } : leased,
      )
      .where(eq(webhookEvents.id, row.id));
    return { ...found, leaseToken: leased.leaseToken, attempt: leased.attempts };
  });
}

/**
 * Marks the event before its effect is made, which commits with it or not at all: whoever would
 * process it as well waits for this row, and then finds that the lease is not theirs.
 *
 * @returns whether the lease still held
 */
export function markProcessed(tx: Transaction, claim: Claim): Promise<boolean> {
  return release(tx, claim, {
    state: 'processed',
    availableAt: null,
    processedAt: now,
    lastError: null,
  });
}

/** Resolves to whether the lease still held. */
export function markIgnored(tx: Transaction, claim: Claim, reason: IgnoredFor): Promise<boolean> {
  return release(tx, claim, { state: 'ignored', availableAt: null, lastError: reason });
}

/**
 * Resolves to whether the lease still held.
 *
 * @param retryIn seconds until the next attempt; nothing where there is none
 */
export function markFailed(
  database: Database,
  claim: Claim,
  { reason, retryIn }: { reason: string; retryIn: number | undefined },
): Promise<boolean> {
  return database.transaction((tx) =>
    release(tx, claim, {
      state: retryIn === undefined ? 'dead' : 'failed',
      availableAt: retryIn === undefined ? null : inSeconds(retryIn),
      lastError: reason.slice(0, 500),
    }),
  );
}

async function release(
  tx: Transaction,
  claim: Claim,
  change: Parameters<ReturnType<Transaction['update']>['set']>[0],
): Promise<boolean> {
  const [{ affectedRows }] = await tx
    .update(webhookEvents)
    .set({ ...change, leaseToken: null })
    .where(leasedBy(claim));
  return affectedRows === 1;
}

function leasedBy({ id, leaseToken }: Claim): SQL | undefined {
  return and(
    eq(webhookEvents.id, id),
    eq(webhookEvents.state, 'processing'),
    eq(webhookEvents.leaseToken, leaseToken),
  );
}

function lease(attempt: number) {
  return {
    state: 'processing' as const,
    leaseToken: randomUUID(),
    attempts: attempt,
    availableAt: inSeconds(leaseSeconds),
  };
}
