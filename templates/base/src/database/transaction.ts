import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import type { Pool, PoolConnection } from 'mysql2/promise';
import type { Entry } from '#app/platform/audit/chain.ts';
import { isDatabaseUnavailable, isTransient } from './errors.ts';
import { ownStatements, type OwnStatements, type Statements } from './statements.ts';

/** Statements inside a transaction: they stand or fall together. */
export type Transaction = MySql2Database & {
  readonly inTransaction: true;
  readonly statements: Statements;
  /** Has this written into the audit log, at the end: see `recordAct`. */
  record(entry: Entry): void;
  /**
   * Calls this last, right before COMMIT, which it keeps from happening by throwing: for what is
   * written elsewhere, and neither undone by a rollback nor to be done twice where `work` is rerun.
   */
  beforeCommit(effect: () => Promise<void>): void;
  /** Calls this once all is committed; never where it is rolled back. Must not throw. */
  afterCommit(effect: () => void): void;
  /**
   * Runs `work` as a part of this transaction: what it throws undoes what it did, and nothing before
   * that. Parts are for one after the other: each undoes all that was done since it began.
   */
  part<T>(work: Work<T>, options?: { signal?: AbortSignal | undefined }): Promise<T>;
};

export type Work<T> = (tx: Transaction) => T | Promise<T>;

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
 * and a transient one reruns the whole of `work`, never a part of it, also where `work` has caught
 * it. A connection that is lost during COMMIT is not rerun: whether it took effect is not known.
 */
export async function runTransaction<T>(
  pool: Pool,
  work: Work<T>,
  { writeEntries, signal }: { writeEntries: WriteEntries; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await pool.getConnection();
    const statements = ownStatements(connection);
    const noted: Noted = { entries: [], last: [], effects: [] };
    const close = (): void => connection.destroy();
    let committing = false;
    try {
      await connection.query('START TRANSACTION');
      const run = async (): Promise<T> => {
        const tx = transactionOn({ statements, noted, close });
        const done = await work(tx);
        if (noted.entries.length > 0) await writeEntries(tx, noted.entries);
        for (const effect of noted.last) await effect();
        statements.requireWhole();
        return done;
      };
      const result = await unlessAborted(run, close, signal);
      statements.refuse(new Error('A statement came after the end of its transaction.'));
      committing = true;
      await connection.query('COMMIT');
      for (const effect of noted.effects) effect();
      return result;
    } catch (error) {
      statements.refuse(error);
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
  readonly entries: Entry[];
  readonly last: (() => Promise<void>)[];
  readonly effects: (() => void)[];
}

interface Run {
  readonly statements: OwnStatements;
  readonly noted: Noted;
  readonly close: () => void;
}

/** @param depth how many transactions it is a part of */
function transactionOn(run: Run, depth = 0): Transaction {
  const { statements, noted } = run;
  // It asks of a client that is not the pool no more than to send statements.
  const client = statements as Statements as PoolConnection;
  return Object.assign(drizzle({ client }), {
    inTransaction: true as const,
    statements,
    record: (entry: Entry) => void noted.entries.push(entry),
    beforeCommit: (effect: () => Promise<void>) => void noted.last.push(effect),
    afterCommit: (effect: () => void) => void noted.effects.push(effect),
    part: async <T>(work: Work<T>, { signal }: { signal?: AbortSignal | undefined } = {}) =>
      undoneAlone(run, depth, () =>
        unlessAborted(async () => work(transactionOn(run, depth + 1)), run.close, signal),
      ),
  });
}

async function undoneAlone<T>(
  { statements, noted }: Run,
  depth: number,
  work: () => Promise<T>,
): Promise<T> {
  const { entries, last, effects } = noted;
  const before = { entries: entries.length, last: last.length, effects: effects.length };
  await statements.query(`SAVEPOINT part_${depth}`);
  try {
    return await work();
  } catch (error) {
    entries.length = before.entries;
    last.length = before.last;
    effects.length = before.effects;
    // Without that, nothing of the whole may last.
    await statements.query(`ROLLBACK TO SAVEPOINT part_${depth}`).catch(statements.refuse);
    throw error;
  }
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
