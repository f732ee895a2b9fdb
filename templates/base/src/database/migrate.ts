import { setTimeout as wait } from 'node:timers/promises';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { isDatabaseUnavailable } from './errors.ts';
import {
  hashOf,
  MigrationError,
  pendingMigrations,
  readProgress,
  type Migration,
  type Pending,
} from './migrations.ts';

/** Seconds to wait for another process that is migrating this database. */
const lockTimeout = 60;
/** How often a statement is tried that waits for a lock on a table in use. */
const lockAttempts = 10;

/**
 * Applies what is missing, one statement at a time, while no other process does.
 *
 * @param connection the schema owner's; it is used for nothing else meanwhile
 * @param onApplied called with the name of each migration when it is done
 * @throws MigrationError where a statement fails; the next run goes on with that statement
 */
export async function migrate(
  connection: Connection,
  migrations: readonly Migration[],
  onApplied: (name: string) => void = () => {},
): Promise<void> {
  await checkCharacterSet(connection);
  await lock(connection);
  try {
    await connection.query(createProgressTable);
    // A DDL statement that waits for a lock makes every later query of that table wait behind it.
    await connection.query('SET SESSION lock_wait_timeout = 5');
    for (const pending of pendingMigrations(migrations, await readProgress(connection))) {
      await apply(connection, pending);
      onApplied(pending.migration.name);
    }
  } finally {
    await unlock(connection);
  }
}

const createProgressTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  hash CHAR(64) NOT NULL,
  statements INT UNSIGNED NOT NULL,
  done INT UNSIGNED NOT NULL,
  in_doubt BOOLEAN NOT NULL,
  applied_at DATETIME(3) NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;

async function checkCharacterSet(connection: Connection): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT DATABASE() AS name, @@character_set_database AS charset',
  );
  if (row?.['charset'] === 'utf8mb4') return;
  throw new MigrationError(
    `The database's character set is ${row?.['charset']}, and it has to hold any text. Run: ALTER DATABASE \`${row?.['name']}\` CHARACTER SET utf8mb4`,
  );
}

async function lock(connection: Connection): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS held', [
    await lockName(connection),
    lockTimeout,
  ]);
  if (row?.['held'] === 1) return;
  throw new MigrationError(
    `Another process has been migrating this database for ${lockTimeout} seconds. Wait for it to end, then try again.`,
  );
}

/** Without a connection there is nothing to do: the server frees the lock with it. */
async function unlock(connection: Connection): Promise<void> {
  await ignoringLostConnection(async () =>
    connection.query('DO RELEASE_LOCK(?)', [await lockName(connection)]),
  );
}

/** Named locks are the server's, not the schema's, and at most 64 characters long. */
async function lockName(connection: Connection): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT DATABASE() AS name');
  return `migrate:${hashOf([String(row?.['name'])]).slice(0, 48)}`;
}

async function apply(connection: Connection, { migration, begun }: Pending): Promise<void> {
  const { name, statements } = migration;
  const id = begun?.id ?? (await begin(connection, migration));
  for (const [index, statement] of statements.entries()) {
    if (index < (begun?.done ?? 0)) continue;
    const step = {
      id,
      hash: hashOf(statements.slice(0, index + 1)),
      statements: statements.length,
      done: index + 1,
      inDoubt: begun?.inDoubt === true && index === begun.done,
    };
    try {
      await (isDdl(statement)
        ? applyDdl(connection, statement, step)
        : applyDml(connection, statement, step));
    } catch (error) {
      throw failure(name, index + 1, statements.length, statement, error);
    }
  }
}

async function begin(connection: Connection, migration: Migration): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>(
    'INSERT INTO schema_migrations (name, hash, statements, done, in_doubt) VALUES (?, ?, ?, 0, FALSE)',
    [migration.name, hashOf([]), migration.statements.length],
  );
  return result.insertId;
}

interface Step {
  readonly id: number;
  readonly hash: string;
  readonly statements: number;
  readonly done: number;
  readonly inDoubt: boolean;
}

/** Statements that MySQL commits by themselves: they cannot share a transaction with their record. */
function isDdl(statement: string): boolean {
  const words = statement.replaceAll(/\/\*.*?\*\/|^\s*(?:--|#).*$/gms, '').trimStart();
  return !/^(?:insert|update|delete|replace|select|set|with)\b/i.test(words);
}

async function applyDdl(connection: Connection, statement: string, step: Step): Promise<void> {
  await connection.query('UPDATE schema_migrations SET in_doubt = TRUE WHERE id = ?', [step.id]);
  try {
    await withLockRetries(() => connection.query(statement));
  } catch (error) {
    if (!(step.inDoubt && isAlreadyDone(error))) {
      // The server has refused it, so there is no doubt that it took no effect.
      await ignoringLostConnection(() =>
        connection.query('UPDATE schema_migrations SET in_doubt = FALSE WHERE id = ?', [step.id]),
      );
      throw error;
    }
  }
  await record(connection, step);
}

async function applyDml(connection: Connection, statement: string, step: Step): Promise<void> {
  await connection.query('START TRANSACTION');
  try {
    await connection.query(statement);
    await record(connection, step);
    await connection.query('COMMIT');
  } catch (error) {
    await ignoringLostConnection(() => connection.query('ROLLBACK'));
    throw error;
  }
}

/** For what is done on the way out of a failure: it must not take the failure's place. */
async function ignoringLostConnection(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
  }
}

async function record(connection: Connection, step: Step): Promise<void> {
  await connection.query(
    `UPDATE schema_migrations SET hash = ?, statements = ?, done = ?, in_doubt = FALSE,
      applied_at = IF(? = ?, UTC_TIMESTAMP(3), NULL) WHERE id = ?`,
    [step.hash, step.statements, step.done, step.statements, step.done, step.id],
  );
}

async function withLockRetries(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (errnoOf(error) !== 1205 || attempt === lockAttempts) throw error;
      // Lets the queries that queued up behind the statement through.
      await wait(500);
    }
  }
}

/** Errors by which a statement says that what it makes is there, or what it drops is gone. */
function isAlreadyDone(error: unknown): boolean {
  const exists = [1050, 1060, 1061, 1068, 1826];
  const gone = [1051, 1091, 1146];
  return [...exists, ...gone].includes(errnoOf(error) ?? 0);
}

function errnoOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined;
}

function failure(
  name: string,
  position: number,
  count: number,
  statement: string,
  error: unknown,
): MigrationError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MigrationError(
    `${name} failed at statement ${position} of ${count}: ${reason}\n\n${statement}\n\nThe ${position - 1} before it are applied. ${
      isDatabaseUnavailable(error)
        ? 'Migrate again when the database is back: it goes on here.'
        : 'Mend the cause, or the file from this statement on, and migrate again: it goes on here.'
    }`,
    { cause: error },
  );
}
