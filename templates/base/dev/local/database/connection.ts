import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import type { DatabaseRecord } from './record.ts';

/** Milliseconds in which a server answers, even after a crash that it has to recover from. */
const patience = 60_000;

export function databaseUrl({ port, password }: DatabaseRecord): string {
  return `mysql://app:${password}@127.0.0.1:${port}/app`;
}

/**
 * Statements that make the account `app` and the database `app` what the URL says, whatever was
 * there before.
 *
 * @param host where connections come from, as the server sees it
 */
export function accountStatements({ password }: DatabaseRecord, host: string): string {
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

/** Opens one connection; whoever asks closes it. */
export function connect(record: DatabaseRecord): Promise<Connection> {
  return createConnection({ uri: databaseUrl(record), connectTimeout: 5000 });
}

/**
 * Waits until the server lets `app` in.
 *
 * @param isUp whether the server still runs
 * @throws if it ends before, or does not answer in time
 */
export async function waitForAnswer(
  record: DatabaseRecord,
  isUp: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const refusal = await tryToConnect(record);
    if (!refusal) return;
    if (!(await isUp())) throw new Error('it ended while starting');
    if (performance.now() > deadline) {
      throw new Error(`it did not answer on port ${record.port} in time (${refusal})`);
    }
    await delay(25, undefined, { signal });
  }
}

async function tryToConnect(record: DatabaseRecord): Promise<string | undefined> {
  try {
    const connection = await connect(record);
    await connection.end();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
