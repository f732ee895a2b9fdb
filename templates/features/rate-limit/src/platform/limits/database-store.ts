import { and, eq, gt, lte, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database, Queries } from '#app/database/database.ts';
import { isTransient } from '#app/database/errors.ts';
import { rateLimits } from './models.ts';
import type { Bucket, Spending, Store, Window } from './store.ts';

const { bucket: key, used, endsAt } = rateLimits;
const attempts = 4;

/** Counts in the table `rate_limits`, by the database's clock. */
export function databaseStore(database: Database): Store {
  return {
    name: 'database',
    patience: 5000,

    async spend(buckets) {
      const [only, ...others] = buckets;
      if (only === undefined || others.length > 0) return spendAll(database, buckets);
      return unlessLocked(() => spendOne(database.queries, only));
    },

    async add(bucket, { points }, left) {
      const ended = lte(endsAt, now);
      const end = sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(left) * 1000} MICROSECOND`;
      const addition = database.queries
        .insert(rateLimits)
        .values({ bucket: bytesOf(bucket), used: points, endsAt: end })
        .onDuplicateKeyUpdate({
          set: {
            used: sql`IF(${ended}, ${points}, ${used} + ${points})`,
            endsAt: sql`IF(${ended}, ${end}, ${endsAt})`,
          },
        });
      await unlessLocked(() => addition.execute());
    },
  };
}

/** Runs what changes one row, again where a deadlock has ended it. */
async function unlessLocked<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isTransient(error)) throw error;
    }
  }
}

/**
 * Spends of one bucket. A window begins once, since the write that begins it names the one before;
 * and what is spent in it is within its points, since the write that spends says so.
 */
async function spendOne(queries: Queries, bucket: Bucket): Promise<Spending> {
  const { points, per, cost } = bucket;
  const row = eq(key, bytesOf(bucket.key));
  for (;;) {
    const found = await read(queries, bucket.key);
    if (found === undefined) {
      await makeRow(queries, bucket.key);
      continue;
    }
    const rest = found.endsAt.getTime() - found.now.getTime();
    const runs = rest > 0 && rest <= 2 * per * 1000;
    const before = runs ? found.used : 0;
    const end = runs ? found.endsAt : new Date(found.now.getTime() + per * 1000);
    const left = end.getTime() - found.now.getTime();
    const window = { id: String(end.getTime()), used: before, left };
    if (before + cost > points) return { admitted: false, windows: [window] };

    const same = and(row, eq(endsAt, found.endsAt));
    const hasRoom = and(gt(endsAt, now), sql`${used} + ${cost} <= ${points}`);
    const [result] = runs
      ? await queries
          .update(rateLimits)
          .set({ used: sql`${used} + ${cost}` })
          .where(and(same, hasRoom))
      : await queries.update(rateLimits).set({ used: cost, endsAt: end }).where(same);
    // Else another call was first: what it left decides.
    if (result.affectedRows === 1) {
      return { admitted: true, windows: [{ ...window, used: before + cost }] };
    }
  }
}

async function read(queries: Queries, bucket: string) {
  const [row] = await queries
    .select({ used, endsAt, now: sql`UTC_TIMESTAMP(3)`.mapWith(endsAt) })
    .from(rateLimits)
    .where(eq(key, bytesOf(bucket)));
  return row;
}

/** Makes a row whose window has ended. One that is there already stays as it is. */
async function makeRow(queries: Queries, bucket: string): Promise<void> {
  await queries
    .insert(rateLimits)
    .values({ bucket: bytesOf(bucket), endsAt: now })
    .onDuplicateKeyUpdate({ set: { endsAt: sql`${endsAt}` } });
}

/** Ends a transaction in which a bucket had no room. */
class NoRoom extends Error {
  readonly windows: readonly Window[];

  constructor(windows: readonly Window[]) {
    super('A bucket has no room');
    this.windows = windows;
  }
}

/** Spends of several buckets, in one order for all, so that two calls never wait for each other. */
async function spendAll(database: Database, buckets: readonly Bucket[]): Promise<Spending> {
  const ordered = buckets.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  try {
    const windows = await database.transaction(async (tx) => {
      const spent = new Map<Bucket, Spending>();
      for (const bucket of ordered) spent.set(bucket, await spendOne(tx, bucket));
      const refused = [...spent.values()].some(({ admitted }) => !admitted);
      const found = buckets.map((bucket) => windowAfter(bucket, spent.get(bucket), refused));
      if (refused) throw new NoRoom(found);
      return found;
    });
    return { admitted: true, windows };
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error;
    return { admitted: false, windows: error.windows };
  }
}

/** The window as it is when the transaction is over. */
function windowAfter(
  { cost }: Bucket,
  spending: Spending | undefined,
  rolledBack: boolean,
): Window {
  const [window] = spending?.windows ?? [];
  if (window === undefined) throw new Error('A bucket was not asked');
  const isUndone = rolledBack && spending?.admitted === true;
  return isUndone ? { ...window, used: window.used - cost } : window;
}

function bytesOf(bucket: string): Buffer {
  return Buffer.from(bucket, 'base64url');
}
