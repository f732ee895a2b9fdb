import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { createConnection } from 'mysql2/promise';

import { database } from '../../templates/base/dev/local/database/kind.ts';
import { privateServer } from '../../templates/base/dev/local/server.ts';
import { use } from '../../templates/base/dev/local/service.ts';
import { root } from './root.ts';

export interface Server {
  /** A user who may make databases. */
  url: string;
  /** Ends the use of it; the last one who leaves stops it. */
  leave: () => Promise<void>;
}

/**
 * The database server for tests and measurements: the one that TEST_DATABASE_URL or DATABASE_URL
 * names, else a private one under `.cache/`, as every generated project has one for development.
 *
 * @param command who uses it, for the message of somebody who wants to stop it
 */
export async function useServer(command: string): Promise<Server> {
  const given = process.env['TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'];
  if (given !== undefined) return { url: given, leave: () => Promise.resolve() };
  return use(privateServer(database, join(root, '.cache')), { command });
}

/** Makes an empty database on a server. @returns its URL */
export async function createDatabase(serverUrl: string, purpose: string): Promise<string> {
  const name = `test_${purpose}_${randomBytes(4).toString('hex')}`;
  await query(serverUrl, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes the databases that `createDatabase` made for a purpose. */
export async function dropDatabases(serverUrl: string, purpose: string): Promise<void> {
  const rows = await query(serverUrl, 'SHOW DATABASES');
  const names = rows.map((row) => String(Object.values(row)[0]));
  const made = names.filter((name) => name.startsWith(`test_${purpose}_`));
  await query(serverUrl, ...made.map((name) => `DROP DATABASE ${name}`));
}

/** Runs statements one after the other on one connection. @returns the rows of the last */
export async function query(
  url: string,
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    let rows: unknown = [];
    for (const statement of statements) [rows] = await connection.query(statement);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}
