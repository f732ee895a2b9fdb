import { randomBytes } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2/promise';
import { inject } from 'vitest';
import { migrate } from '#app/database/migrate.ts';
import { readMigrations } from '#app/database/migrations.ts';
import { readSchema, writeSchema, type SchemaCopy } from './schema-copy.ts';

export interface TestDatabase {
  readonly url: string;
  /** A connection of the test's own, to look at what the service wrote. */
  readonly connection: Connection;
  drop(): Promise<void>;
}

/** Makes an empty schema of its own for a test file, so that files can run side by side. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = new URL(inject('databaseServer'));
  const admin = await createConnection({ uri: server.href });
  await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);

  server.pathname = `/${name}`;
  const connection = await createConnection({ uri: server.href, timezone: 'Z' });
  return {
    url: server.href,
    connection,
    async drop() {
      await connection.end();
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
    },
  };
}

/** What the migrations made for the first test file of this process. */
let made: SchemaCopy | undefined;

/** The same, with every migration applied. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  if (made !== undefined) {
    await writeSchema(database.connection, made);
    return database;
  }
  await migrate(database.connection, await readMigrations());
  made = await readSchema(database.connection);
  return database;
}
