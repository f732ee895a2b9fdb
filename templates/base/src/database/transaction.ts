import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import type { Pool, PoolConnection } from 'mysql2/promise';
import type { Entry } from '#app/platform/audit/chain.ts';
import { isDatabaseUnavailable, isTransient } from './errors.ts';

/** Statements inside a transaction: they stand or fall together. */
export type Transaction = MySql2Database & {
  readonly inTransaction: true;
  /** Has this written into the audit log, at the end: see `recordAct`. */
  record(entry: Entry): void;
  /** Calls this once all is committed; never where it is rolled back. Must not throw. */
  afterCommit(effect: () => void): void;
};

const attempts = 4;

/** Writes what was noted of a transaction into the audit log. */
export type WriteEntries = (tx: MySql2Database, entries: readonly Entry[]) => Promise<void>;

/**
 * Runs `work` in a transaction of its own and commits it.
 *
 * What it noted for the audit log is written last. The end of the log is locked for that, by all
 * transactions after every other lock, so that they cannot wait for each other in a circle; and it
 * is locked no longer than it takes to write and commit.
 *
 * After a deadlock the server has already dropped the transaction, and the next statement would
 * commit by itself; after a lock wait timeout only one statement is undone. So any error rolls back,
 * and a transient one reruns the whole of `work`, never a part of it. A connection that is lost
 * during COMMIT is not rerun: whether it took effect is not known.
 */
export async function runTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => T | Promise<T>,
  { writeEntries, signal }: { writeEntries: WriteEntries; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await pool.getConnection();
    const noted: Noted = { effects: [], entries: [] };
    let committing = false;
    try {
      await connection.query('START TRANSACTION');
      const result = await unlessAborted(
        async () => {
          const tx = transactionOn(connection, noted);
          const done = await work(tx);
          if (noted.entries.length > 0) await writeEntries(tx, noted.entries);
          return done;
        },
        () => connection.destroy(),
        signal,
      );
      committing = true;
      await connection.query('COMMIT');
      for (const effect of noted.effects) effect();
      return result;
    } catch (error) {
      await rollBack(connection);
      const rerun = isTransient(error) || (!committing && isDatabaseUnavailable(error));
      if (attempt === attempts || !rerun) throw error;
    } finally {
      connection.release();
    }
  }
}

/** What a run of a transaction leaves for its end; a rerun begins with nothing. */
interface Noted {
  readonly effects: (() => void)[];
  readonly entries: Entry[];
}

function transactionOn(connection: PoolConnection, { effects, entries }: Noted): Transaction {
  return Object.assign(drizzle({ client: connection }), {
    inTransaction: true as const,
    record: (entry: Entry) => void entries.push(entry),
    afterCommit: (effect: () => void) => void effects.push(effect),
  });
}

/**
 * Waits for `work`, or until it is told to end. The connection is closed then, and not given back: a
 * statement that `work` still sends must not run in the transaction of whoever has it next.
 */
async function unlessAborted<T>(
  work: () => Promise<T>,
  close: () => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    close();
    aborted.reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function rollBack(connection: PoolConnection): Promise<void> {
  try {
    await connection.query('ROLLBACK');
  } catch {
    // The server rolls back what a closed connection leaves open.
    connection.destroy();
  }
}
