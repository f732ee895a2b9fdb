import { createConnection, type Connection } from 'mysql2/promise';
import { isRefusedByDatabase } from '#app/database/errors.ts';
import { planRights } from '#app/database/grants.ts';
import { CommandError } from '../run.ts';

/**
 * Gives the app's user the rights that it needs, table by table, where the migrations are another
 * user's.
 *
 * @param owner the connection that migrated
 * @param urls.app DATABASE_URL; `urls.owner` MIGRATION_DATABASE_URL
 * @param print is told what was given
 * @param warn is told with which statements to take away what the app's user has too much of
 * @throws CommandError (exit code 3) with the statements to run, where the app could not work
 */
export async function giveAppRights(
  owner: Connection,
  urls: { readonly app: string | undefined; readonly owner: string | undefined },
  print: (sentence: string) => void,
  warn: (sentence: string) => void,
): Promise<void> {
  if (urls.app === undefined || urls.owner === undefined) return;
  const [app, migrating] = [new URL(urls.app), new URL(urls.owner)];
  if (app.username === migrating.username) return;
  if (app.pathname !== migrating.pathname) {
    throw new CommandError(
      'DATABASE_URL and MIGRATION_DATABASE_URL name different databases: the service would not use what was migrated.',
      'precondition',
    );
  }
  // It may have no right on the database yet, not even to choose it.
  app.pathname = '/';
  const connection = await connect(app);
  try {
    const { grants, revokes, works } = await planRights(connection, owner);
    const refusal = await runAll(owner, grants);
    if (refusal === undefined && grants.length > 0) {
      print(`Gave ${decodeURIComponent(app.username)} its rights on ${count(grants.length)}.`);
    }
    if (refusal !== undefined && !works) {
      throw new CommandError(
        `The user of MIGRATION_DATABASE_URL may not give the user of DATABASE_URL the rights that the service needs. Run as an administrator of the server:\n${listOf([...grants, ...revokes])}`,
        'precondition',
      );
    }
    if (revokes.length > 0) {
      warn(
        `The user of DATABASE_URL may change and remove what is in the audit log. Run as an administrator of the server:\n${listOf([...(refusal === undefined ? [] : grants), ...revokes])}`,
      );
    }
  } finally {
    await connection.end();
  }
}

async function connect(app: URL): Promise<Connection> {
  try {
    return await createConnection({ uri: app.href, connectTimeout: 5000 });
  } catch (error) {
    if (!isRefusedByDatabase(error)) throw error;
    throw new CommandError(
      'The database refused the user or password in DATABASE_URL, to whom rights are to be given. Make it first: CREATE USER …',
      'precondition',
    );
  }
}

/** @returns what refused one of the statements */
async function runAll(owner: Connection, statements: readonly string[]): Promise<unknown> {
  try {
    for (const statement of statements) await owner.query(statement);
    return undefined;
  } catch (error) {
    if (!isRefusedByDatabase(error)) throw error;
    return error;
  }
}

function count(tables: number): string {
  return tables === 1 ? '1 table' : `${tables} tables`;
}

function listOf(statements: readonly string[]): string {
  return statements.map((statement) => `  ${statement};`).join('\n');
}
