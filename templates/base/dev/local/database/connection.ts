import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import type { ServerRecord } from '../record.ts';

/** Logs in as `app`, who may create schemas, into the database `app`. */
export function databaseUrl({ port, password }: ServerRecord): string {
  return `mysql://app:${password}@127.0.0.1:${port}/app`;
}

/**
 * Statements that make the account `app` and the database `app` what the URL says, whatever was
 * there before.
 *
 * @param host where connections come from, as the server sees it
 */
export function accountStatements({ password }: ServerRecord, host: string): string {
  const app = `'app'@'${host}'`;
  return [
    `CREATE DATABASE IF NOT EXISTS app CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`,
    `CREATE USER IF NOT EXISTS ${app} IDENTIFIED BY '${password}';`,
    `ALTER USER ${app} IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${app} WITH GRANT OPTION;`,
    '',
  ].join('\n');
}

/** Statements that shut the accounts without a password that a new data folder comes with. */
export const lockStatements = `ALTER USER IF EXISTS 'root'@'localhost' ACCOUNT LOCK;
DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';
`;

/** Why the server does not let `app` in; nothing where it does. */
export async function refusalOf(record: ServerRecord): Promise<string | undefined> {
  try {
    const connection = await connect(record);
    await connection.end();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Asks the server to end. @returns whether it took that */
export async function askToEnd(record: ServerRecord): Promise<boolean> {
  try {
    const connection = await connect(record);
    await connection.query('SHUTDOWN');
    connection.destroy();
    return true;
  } catch {
    return false; // it does not listen yet, or not to us
  }
}

function connect(record: ServerRecord): Promise<Connection> {
  return createConnection({ uri: databaseUrl(record), connectTimeout: 5000 });
}
