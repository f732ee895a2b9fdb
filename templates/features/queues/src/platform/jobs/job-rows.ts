// The rows of jobs as they pass through hands. Every change names the state that it was made from, so
// that a process that was away for too long changes nothing.
import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { driverError, isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { queueJobs } from './models.ts';
import type { Identity } from './seal-job.ts';

/** Seconds after which a job is handed to Redis again: what it has by then is not added twice. */
const offerPause = 300;

/** Days for which it is known of a job that it is over. */
export const daysKept = 7;

/**
 * Milliseconds before a job is due that is handed to Redis again. It may just have been done, and by
 * then its row says so.
 */
export const settling = 1000;

/** What a process has to know of a job to do it. */
export interface Claim extends Identity {
  readonly payload: Buffer;
  /** Those that failed before. */
  readonly attempts: number;
}

/** A job as it is handed to Redis. */
export interface Offer {
  readonly id: string;
  readonly name: string;
  /** Sealed, of a job that is nobody's; without it, whoever does the job looks it up. */
  readonly payload?: Buffer;
  /** Milliseconds until it is due. */
  readonly delay: number;
}

/**
 * Keeps a job that was enqueued, unless its account was removed meanwhile.
 *
 * @returns whether it was here before, and is over by now
 */
export async function keepJob(
  { queries }: Database,
  job: Identity & { readonly payload: Buffer },
): Promise<'new' | 'waiting' | 'over'> {
  try {
    await queries
      .insert(queueJobs)
      .values({ ...job, availableAt: now, nextAt: inSeconds(offerPause) });
    return 'new';
  } catch (error) {
    if (isAccountGone(error)) return 'over';
    if (!isDuplicate(error)) throw error;
    return (await claimJob({ queries }, job.id)) === undefined ? 'over' : 'waiting';
  }
}

/** A row that this one refers to is not there. */
function isAccountGone(error: unknown): boolean {
  return driverError(error, ({ errno }) => errno === 1452) !== undefined;
}

/** Keeps a run of a schedule, to be handed to Redis at once. */
export async function keepRun(
  tx: Transaction,
  job: Identity & { readonly payload: Buffer },
): Promise<void> {
  await tx.insert(queueJobs).values({ ...job, availableAt: now, nextAt: now });
}

/** What is to be done about a job; nothing where all is over, or it was never kept. */
export async function claimJob(
  { queries }: Pick<Database, 'queries'>,
  id: string,
): Promise<Claim | undefined> {
  const [row] = await queries
    .select({
      id: queueJobs.id,
      name: queueJobs.name,
      accountId: queueJobs.accountId,
      payload: queueJobs.payload,
      attempts: queueJobs.attempts,
    })
    .from(queueJobs)
    .where(and(eq(queueJobs.id, id), eq(queueJobs.state, 'waiting')));
  return row;
}

/** What is done is not kept. As text, since it is written for every job that there is. */
export async function markCompleted(
  { statements }: Database,
  ids: readonly string[],
): Promise<void> {
  await statements.query(
    `UPDATE queue_jobs SET state = 'completed',
        payload = '', available_at = NULL, last_error = NULL,
        finished_at = UTC_TIMESTAMP(3), next_at = UTC_TIMESTAMP(3) + INTERVAL ${daysKept} DAY
      WHERE id IN (?) AND state = 'waiting'`,
    [ids],
  );
}

/**
 * Notes an attempt that failed.
 *
 * @param failure.attempts how many have failed with this one
 * @param failure.retryIn seconds until the next attempt; nothing where there is none
 * @returns false where another process has done the job meanwhile, or failed at it
 */
export async function markFailed(
  { queries }: Database,
  claim: Claim,
  failure: { reason: string; attempts: number; retryIn: number | undefined },
): Promise<boolean> {
  const { reason, attempts, retryIn } = failure;
  const [{ affectedRows }] = await queries
    .update(queueJobs)
    .set({
      attempts,
      lastError: reason.slice(0, 500),
      ...(retryIn === undefined
        ? { state: 'failed', availableAt: null, nextAt: now, finishedAt: now }
        : { availableAt: inSeconds(retryIn), nextAt: inSeconds(retryIn + offerPause) }),
    })
    .where(
      and(
        eq(queueJobs.id, claim.id),
        eq(queueJobs.state, 'waiting'),
        eq(queueJobs.attempts, claim.attempts),
      ),
    );
  return affectedRows === 1;
}

/** Jobs that are to be handed to Redis now. Processes that ask at once get different ones. */
export function takeOffers(database: Database, limit: number): Promise<Offer[]> {
  return database.transaction(async (tx) => {
    const rows = await tx
      .select({
        id: queueJobs.id,
        name: queueJobs.name,
        delay: sql<number>`GREATEST(${settling}, TIMESTAMPDIFF(MICROSECOND, ${now}, ${queueJobs.availableAt}) DIV 1000)`,
      })
      .from(queueJobs)
      .where(and(lte(queueJobs.nextAt, now), eq(queueJobs.state, 'waiting')))
      .orderBy(asc(queueJobs.nextAt), asc(queueJobs.id))
      .limit(limit)
      .for('update', { skipLocked: true });
    if (rows.length === 0) return [];
    await tx
      .update(queueJobs)
      .set({ nextAt: inSeconds(offerPause) })
      .where(
        inArray(
          queueJobs.id,
          rows.map(({ id }) => id),
        ),
      );
    return rows;
  });
}

/** Has a job handed to Redis by whoever reaches it: who keeps it did not. */
export async function offerSoon({ queries }: Database, id: string): Promise<void> {
  await queries
    .update(queueJobs)
    .set({ nextAt: now })
    .where(and(eq(queueJobs.id, id), eq(queueJobs.state, 'waiting')));
}

/** Has all jobs that wait handed to Redis again: it may have lost them. */
export async function offerEverything({ queries }: Database): Promise<void> {
  await queries
    .update(queueJobs)
    .set({ nextAt: now })
    .where(and(eq(queueJobs.state, 'waiting'), gt(queueJobs.nextAt, now)));
}
