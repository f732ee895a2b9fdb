import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '#app/database/migrate.ts';
import { pendingMigrations, readMigrations, readProgress } from '#app/database/migrations.ts';
import { createEmptyDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

const apply = (files: Record<string, string[]>) =>
  migrate(
    database.connection,
    Object.entries(files).map(([name, statements]) => ({ name, statements })),
  );
const tables = async () => {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1',
  );
  return rows.map((row) => String(row['name']));
};
const a = 'CREATE TABLE a (id INT)';
const b = 'CREATE TABLE b (id INT)';
const c = 'CREATE TABLE c (id INT)';

test('each migration is applied once, whatever order they came to be in', async () => {
  await apply({ '1.sql': [a], '3.sql': [c] });
  await apply({ '1.sql': [a], '2.sql': [b], '3.sql': [c] });
  expect(await tables()).toEqual(['a', 'b', 'c', 'schema_migrations']);
});

test('of four processes that migrate at once, each statement is run by one', async () => {
  const others = await Promise.all([1, 2, 3, 4].map(() => createConnection(database.url)));
  const statements = [a, b, 'INSERT INTO a VALUES (1)', c];
  await Promise.all(others.map((other) => migrate(other, [{ name: '1.sql', statements }])));
  const [rows] = await database.connection.query('SELECT id FROM a');
  expect(rows).toHaveLength(1);
  await Promise.all(others.map((other) => other.end()));
});

test('one that fails half-way says where and what to do, and goes on there', async () => {
  const failing = apply({ '1.sql': [a, 'INSERT INTO a VALUES (1)', 'CREATE TABEL b (id INT)', c] });
  await expect(failing).rejects.toThrow(/1\.sql failed at statement 3 of 4.*CREATE TABEL b/s);
  expect(await tables()).toEqual(['a', 'schema_migrations']);

  await apply({ '1.sql': [a, 'INSERT INTO a VALUES (1)', b, c] });
  expect(await tables()).toEqual(['a', 'b', 'c', 'schema_migrations']);
  const [rows] = await database.connection.query('SELECT id FROM a');
  expect(rows).toHaveLength(1);
});

test.each(['DO SLEEP(60)', 'SELECT SLEEP(60)'])(
  'one whose connection is lost in %s says where, and goes on there',
  async (endless) => {
    const lost = await createConnection(database.url);
    const running = async (): Promise<unknown> => {
      const [[row]] = await database.connection.query<RowDataPacket[]>(
        'SELECT INFO AS statement FROM information_schema.PROCESSLIST WHERE ID = ?',
        [lost.threadId],
      );
      return row?.['statement'];
    };
    const kill = async (): Promise<void> => {
      await expect.poll(running).toBe(endless);
      await database.connection.query(`KILL ${lost.threadId}`);
    };
    await Promise.all([
      expect(migrate(lost, [{ name: '1.sql', statements: [a, endless, c] }])).rejects.toThrow(
        /^1\.sql failed at statement 2 of 3: Connection lost.*Migrate again when the database is back/s,
      ),
      kill(),
    ]);

    await apply({ '1.sql': [a, b, c] });
    expect(await tables()).toEqual(['a', 'b', 'c', 'schema_migrations']);
  },
);

test('a failure that ends the connection is the one that is told', async () => {
  const lost = await createConnection(database.url);
  const statements = [a, 'KILL CONNECTION_ID()'];
  await expect(migrate(lost, [{ name: '1.sql', statements }])).rejects.toThrow(
    /^1\.sql failed at statement 2 of 2: (?:Query execution was interrupted|Connection was killed)/,
  );
});

test('a statement that took effect before its process was killed is not run twice', async () => {
  await expect(apply({ '1.sql': [a, 'nonsense'] })).rejects.toThrow('nonsense');
  // What a kill between the statement and its record leaves behind.
  await database.connection.query('UPDATE schema_migrations SET in_doubt = TRUE');
  await database.connection.query(b);
  await apply({ '1.sql': [a, b, c] });
  expect(await tables()).toEqual(['a', 'b', 'c', 'schema_migrations']);
});

test('a table that somebody else made is not taken for our own', async () => {
  await database.connection.query(b);
  await expect(apply({ '1.sql': [a, b] })).rejects.toThrow('already exists');
});

test('one that was changed after it was applied is refused', async () => {
  await apply({ '1.sql': [a] });
  await expect(apply({ '1.sql': [b] })).rejects.toThrow(/1\.sql has been changed/);
  await expect(apply({ '1.sql': [a, b] })).rejects.toThrow(/1\.sql has been changed/);
});

test('one that failed may not be changed in what is applied already', async () => {
  await expect(apply({ '1.sql': [a, 'nonsense'] })).rejects.toThrow('nonsense');
  await expect(apply({ '1.sql': [b, c] })).rejects.toThrow(/changed in its first 1 statement/);
  await expect(apply({})).rejects.toThrow(/the file is gone/);
});

test('one of which nothing took effect may go, and come again as another', async () => {
  await expect(apply({ '1.sql': ['nonsense', a] })).rejects.toThrow('nonsense');
  await apply({ '2.sql': [b] });
  await apply({ '1.sql': [c], '2.sql': [b] });
  expect(await tables()).toEqual(['b', 'c', 'schema_migrations']);

  await expect(apply({ '3.sql': ['nonsense'] })).rejects.toThrow('nonsense');
  // A kill while the first statement ran: nobody knows whether it took.
  await database.connection.query(
    "UPDATE schema_migrations SET in_doubt = TRUE WHERE name = '3.sql'",
  );
  await expect(apply({ '1.sql': [c], '2.sql': [b] })).rejects.toThrow(/the file is gone/);
});

test('one that was renamed is known by its content', async () => {
  await apply({ '1.sql': [a] });
  await apply({ '2.sql': [a] });
  expect(await tables()).toEqual(['a', 'schema_migrations']);
});

test('two that say the same are both applied', async () => {
  await apply({ '1.sql': [a], '2.sql': ['DROP TABLE a'], '3.sql': [a] });
  expect(await tables()).toEqual(['a', 'schema_migrations']);
});

test('a database that cannot hold any text is refused', async () => {
  await database.connection.query('ALTER DATABASE CHARACTER SET latin1');
  await expect(apply({ '1.sql': [a] })).rejects.toThrow(/latin1.*ALTER DATABASE/);
});

test('line endings do not change what a migration is', async () => {
  const folder = await temporaryFolder();
  const text = `${a};\n--> statement-breakpoint\n${b};\n`;
  await writeFile(join(folder, '1.sql'), text);
  await migrate(database.connection, await readMigrations(folder));
  await writeFile(join(folder, '1.sql'), text.replaceAll('\n', '\r\n'));
  const progress = await readProgress(database.connection);
  expect(pendingMigrations(await readMigrations(folder), progress)).toEqual([]);
});

test("the project's own migrations make its tables", async () => {
  await migrate(database.connection, await readMigrations());
  expect(await tables()).toContain('users');
});
