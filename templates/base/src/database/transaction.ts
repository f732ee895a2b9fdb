import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { isDatabaseUnavailable, isTransient } from './errors.ts';

/** Statements inside a transaction: they stand or fall together. */
export type Transaction = MySql2Database & {
  readonly inTransaction: true;
  /** Calls this once all is committed; never where it is rolled back. Must not throw. */
  afterCommit(effect: () => void): void;
};

const attempts = 4;

/**
 * Runs `work` in a transaction of its own and commits it.
 *
 * After a deadlock the server has already dropped the transaction, and the next statement would
 * commit by itself; after a lock wait timeout only one statement is undone. So any error rolls back,
 * and a transient one reruns the whole of `work`, never a part of it. A connection that is lost
 * during COMMIT is not rerun: whether it took effect is not known.
 */
export async function runTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await pool.getConnection();
    const effects: (() => void)[] = [];
    let committing = false;
    try {
      await connection.query('START TRANSACTION');
      const result = await unlessAborted(
        () => work(transactionOn(connection, effects)),
        () => connection.destroy(),
        signal,
      );
      committing = true;
      await connection.query('COMMIT');
      for (const effect of effects) effect();
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

function transactionOn(connection: PoolConnection, effects: (() => void)[]): Transaction {
  return Object.assign(drizzle({ client: connection }), {
    inTransaction: true as const,
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
