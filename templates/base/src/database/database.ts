import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import { appendEntries, type AuditKey } from '#app/platform/audit/append.ts';
import { accountScope, type AccountScope } from './account-scope.ts';
import { isDatabaseUnavailable } from './errors.ts';
import { oneTransaction } from './one-transaction.ts';
import { closeWhenSilent } from './silence.ts';
import type { DatabaseSettings } from './settings.ts';
import type { Statements } from './statements.ts';
import { runTransaction, type Transaction, type Work } from './transaction.ts';

export type Queries = MySql2Database;

export interface Database {
  /** Statements outside a transaction, each on whichever connection is free. */
  readonly queries: Queries;
  /** The same, as text: `execute` has the server keep a statement prepared. */
  readonly statements: Statements;
  /**
   * Runs `work` in one READ COMMITTED transaction and commits it. A deadlock or lock wait reruns
   * `work` from its start, so it must do nothing that a rollback cannot undo. What it throws rolls
   * everything back: to keep a write and refuse all the same, return the refusal and throw it after.
   *
   * @param options.signal ends it, whatever `work` is waiting for
   * @throws the signal's reason, where it ended it; `work` may go on, and can change nothing more
   */
  transaction<T>(
    work: (tx: Transaction) => T | Promise<T>,
    options?: { signal?: AbortSignal },
  ): Promise<T>;
  /**
   * Runs `work` as one transaction, whatever it calls: what it does by `queries`, `statements` and
   * `withAccount` is done in there, and a `transaction` becomes a part of it, which is undone by itself
   * where it throws. Audit entries and what follows a commit wait for the end. Rerun as `transaction`
   * is; so nothing may be in there that is to last though `work` throws.
   */
  inOneTransaction<T>(work: () => Promise<T>): Promise<T>;
  /** What `inOneTransaction` has around whoever asks, to note what follows the commit; else nothing. */
  readonly oneTransaction: Transaction | undefined;
  /** Access to the rows of one account, and of no other. */
  withAccount(accountId: string): AccountScope;
  /** For what is a connection's own: named locks, migrations. Never a part of `inOneTransaction`. */
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Milliseconds: more than a statement waits for locks, less than a caller waits for an answer. */
const silenceLimit = 8000;

// Set on each connection, so that neither a server's default nor its time zone decides anything. The
// server frees the locks of a connection that it hears nothing on, well after this side closed it.
const sessionSettings = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 3, wait_timeout = 20, sql_mode = '${[
    'STRICT_ALL_TABLES',
    'NO_ZERO_DATE',
    'NO_ZERO_IN_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO',
    'NO_ENGINE_SUBSTITUTION',
    'ONLY_FULL_GROUP_BY',
  ].join(',')}'`,
];

/**
 * Opens the pool. Nothing is connected yet: a database that is down at boot shows in `/readyz`, and
 * the service works as soon as the database does.
 *
 * A connection on which nothing comes or goes for 8 seconds is closed, and with it a statement that
 * the server has not begun to answer by then.
 */
export async function openDatabase(deps: {
  settings: DatabaseSettings;
  sealing: AuditKey;
  /** Records nothing with another key than what is recorded already: see `appendEntries`. */
  checksKey?: boolean;
  /** Milliseconds after which a silent connection is closed; for tests. */
  silence?: number;
}): Promise<Database> {
  const { sealing, checksKey, silence = silenceLimit } = deps;
  const pool = createPool({
    uri: deps.settings.DATABASE_URL,
    connectionLimit: deps.settings.DATABASE_POOL_SIZE,
    connectTimeout: 3000,
    charset: 'utf8mb4',
    timezone: 'Z',
    // A stack for each statement, in case that it fails, costs a twentieth of a request. What Drizzle
    // throws has one all the same.
    trace: false,
  });

  pool.pool.on('connection', (connection) => {
    closeWhenSilent(connection, silence);
    for (const statement of sessionSettings) {
      connection.query(statement, (error) => {
        // Without its settings a connection would read and lock differently from all others.
        if (error !== null) connection.destroy();
      });
    }
  });

  const one = oneTransaction(pool);
  const { statements } = one;
  // It takes a connection of the pool for nothing but transactions of its own.
  const getConnection = (): Promise<PoolConnection> => pool.getConnection();
  const queries = drizzle({ client: { ...statements, getConnection } as Pool });
  const begin = <T>(work: Work<T>, signal?: AbortSignal): Promise<T> =>
    runTransaction(pool, work, {
      writeEntries: (tx, entries) => appendEntries(tx, sealing, entries, { checksKey }),
      signal,
    });
  const transaction: Database['transaction'] = (work, options) =>
    one.join(work, () => begin(work, options?.signal), options);

  return {
    queries,
    statements,
    transaction,
    inOneTransaction: (work) => transaction((tx) => one.around(tx, work)),
    get oneTransaction() {
      return one.current();
    },
    withAccount: (accountId) => accountScope({ queries, transaction }, accountId),
    pool,
    close: () => endPool(pool),
  };
}

/** A connection that falls silent now has nothing to lose, and closes by itself. */
async function endPool(pool: Pool): Promise<void> {
  try {
    await pool.end();
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
  }
}
