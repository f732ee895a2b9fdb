// Slows guessing down. An attempt is taken from its budgets before anything is checked, in the
// database, so that a hundred guesses at once, on however many processes, are a hundred attempts.
import { inArray, eq, sql } from 'drizzle-orm';
import type { Database, Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { tooManyAttempts } from '../errors.ts';
import { authAttempts } from '../models.ts';
import { addressRange } from './address-range.ts';
import { type Budget, budgetsOf, type Kind, spend } from './budgets.ts';

export interface Throttle {
  /**
   * Takes an attempt: one of the subject's budget, and one of the range's that it comes from.
   *
   * @param subject whom it is about; one that does not exist counts like any other
   * @param ip where it comes from, for the kinds that have a budget for that
   * @throws too_many_attempts, with the seconds to wait; then nothing is taken
   */
  reserve(kind: Kind, subject: string, ip?: string): Promise<Reservation>;
  /**
   * Takes an attempt for some work, and gives it back unless the work comes to nothing (`false` or
   * `undefined`): what was right, or could not be tried, was no guess.
   */
  attempt<T>(of: readonly [Kind, string, string?], work: () => Promise<T>): Promise<T>;
  /**
   * The same for what must not be done often, whether it goes well or not, such as sending a mail:
   * the attempt is given back only where the work throws.
   */
  charge<T>(of: readonly [Kind, string, string?], work: () => Promise<T>): Promise<T>;
  /** Gives a subject its whole budget back, as the range's is not: it has proved who it is. */
  forget(tx: Transaction, kind: Kind, subject: string): Promise<void>;
}

/** An attempt that was taken. */
export interface Reservation {
  giveBack(): Promise<void>;
}

interface Bucket {
  /** Key of its row: says nothing about whom or what is counted. */
  readonly key: Buffer;
  readonly budget: Budget;
}

interface Taken {
  readonly key: Buffer;
  /** The wait that this attempt brought about. */
  readonly blockedUntil: Date | null;
}

export function openThrottle(deps: { database: Database; sealing: Sealing }): Throttle {
  const { database, sealing } = deps;

  const keyOf = (kind: Kind, name: string) =>
    sealing.fingerprint(`attempts: ${typeof kind === 'string' ? kind : kind.name}`, name);
  const subjectKey = (kind: Kind, subject: string) => keyOf(kind, `subject ${subject}`);

  function bucketsOf(kind: Kind, subject: string, ip = ''): Bucket[] {
    const { subject: own, range } = budgetsOf(kind);
    const buckets = [{ key: subjectKey(kind, subject), budget: own }];
    const from = addressRange(ip);
    if (range !== undefined && from !== undefined) {
      buckets.push({ key: keyOf(kind, `range ${from}`), budget: range });
    }
    // In one order for all, so that two attempts never wait for each other.
    return buckets.toSorted((a, b) => a.key.compare(b.key));
  }

  async function reserve(kind: Kind, subject: string, ip?: string): Promise<Reservation> {
    const buckets = bucketsOf(kind, subject, ip);
    // Looked at without a lock first: those who are refused must not queue before those who are not.
    refuseBlocked(await readRows(database.queries, buckets));
    const taken = await database.transaction((tx) => take(tx, buckets));
    return { giveBack: () => giveBack(database.queries, taken) };
  }

  /** Does some work for an attempt, which is given back where it throws, or where `isFree` says so. */
  async function tryFor<T>(
    of: readonly [Kind, string, string?],
    work: () => Promise<T>,
    isFree: (result: T) => boolean,
  ): Promise<T> {
    const reservation = await reserve(...of);
    try {
      const result = await work();
      if (isFree(result)) await reservation.giveBack();
      return result;
    } catch (error) {
      await reservation.giveBack();
      throw error;
    }
  }

  return {
    reserve,
    attempt: (of, work) => tryFor(of, work, (result) => result !== false && result !== undefined),
    charge: (of, work) => tryFor(of, work, () => false),
    async forget(tx, kind, subject) {
      await tx.delete(authAttempts).where(eq(authAttempts.bucket, subjectKey(kind, subject)));
    },
  };
}

async function take(tx: Transaction, buckets: Bucket[]): Promise<Taken[]> {
  await lockRows(tx, buckets);
  const rows = await readRows(tx, buckets);
  refuseBlocked(rows);

  const taken: Taken[] = [];
  for (const { key, budget } of buckets) {
    const row = rows.find(({ bucket }) => bucket.equals(key));
    if (row === undefined) throw new Error('The row of a budget that was just locked is not there');
    const passed = (row.now.getTime() - row.refilledAt.getTime()) / 1000;
    const { used, idle, delay } = spend(budget, { used: row.attempts, idle: passed });
    const blockedUntil = delay === 0 ? null : new Date(row.now.getTime() + delay * 1000);
    await tx
      .update(authAttempts)
      .set({
        attempts: used,
        blockedUntil,
        refilledAt: new Date(row.now.getTime() - idle * 1000),
      })
      .where(eq(authAttempts.bucket, key));
    taken.push({ key, blockedUntil });
  }
  return taken;
}

/** Makes the rows that are not there, and locks all of them. */
async function lockRows(tx: Transaction, buckets: Bucket[]): Promise<void> {
  await tx
    .insert(authAttempts)
    .values(buckets.map(({ key }) => ({ bucket: key })))
    .onDuplicateKeyUpdate({ set: { refilledAt: sql`${authAttempts.refilledAt}` } });
}

async function readRows(queries: Queries, buckets: Bucket[]) {
  return queries
    .select({
      bucket: authAttempts.bucket,
      attempts: authAttempts.attempts,
      blockedUntil: authAttempts.blockedUntil,
      refilledAt: authAttempts.refilledAt,
      now: sql`UTC_TIMESTAMP(3)`.mapWith(authAttempts.refilledAt),
    })
    .from(authAttempts)
    .where(
      inArray(
        authAttempts.bucket,
        buckets.map(({ key }) => key),
      ),
    );
}

/** @throws too_many_attempts */
function refuseBlocked(rows: Awaited<ReturnType<typeof readRows>>): void {
  const waits = rows.map(({ blockedUntil, now }) => (blockedUntil?.getTime() ?? 0) - now.getTime());
  const longest = Math.max(0, ...waits);
  if (longest > 0) throw tooManyAttempts({ retryAfter: Math.ceil(longest / 1000) });
}

/** Others may have tried meanwhile: what they have used up, and have to wait, stays. */
async function giveBack(queries: Queries, taken: Taken[]): Promise<void> {
  const { bucket, attempts, blockedUntil, refilledAt } = authAttempts;
  const waits = taken.map(
    (each) =>
      sql`WHEN ${each.key} THEN NULLIF(${blockedUntil}, ${sql.param(each.blockedUntil, blockedUntil)})`,
  );
  const keys = taken.map(({ key }) => key);
  await queries
    .update(authAttempts)
    .set({
      attempts: sql`GREATEST(${attempts}, 1) - 1`,
      blockedUntil: sql`CASE ${bucket} ${sql.join(waits, sql` `)} END`,
      refilledAt: sql`${refilledAt}`,
    })
    .where(inArray(bucket, keys));
}
