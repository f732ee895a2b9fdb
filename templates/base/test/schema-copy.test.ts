// What spares the other test files the migrations.
import type { Connection } from 'mysql2/promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { migrate } from '#app/database/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from './support/database.ts';
import { readSchema, writeSchema } from './support/schema-copy.ts';

let original: TestDatabase;

beforeEach(async () => {
  original = await createEmptyDatabase();
});
afterEach(() => original.drop());

const child = `CREATE TABLE child (id INT PRIMARY KEY, parent INT NOT NULL,
  CONSTRAINT child_of FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)`;
const parent = 'CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(20) UNIQUE)';

const apply = (connection: Connection, ...statements: string[]) =>
  migrate(connection, [{ name: '1.sql', statements }], onApplied);
const onApplied = vi.fn<(name: string) => void>();

test('a copy has the same tables, and the same migrations behind it', async () => {
  await apply(original.connection, parent, child);
  const schema = await readSchema(original.connection);
  const copy = await createEmptyDatabase();
  if (schema !== undefined) await writeSchema(copy.connection, schema);
  await apply(copy.connection, parent, child);
  expect(onApplied).toHaveBeenCalledTimes(1);
  await expect(copy.connection.query('INSERT INTO child VALUES (1, 1)')).rejects.toThrow(
    'child_of',
  );
  await copy.drop();
});

test.for(['INSERT INTO parent VALUES (1, NULL)', 'CREATE VIEW names AS SELECT name FROM parent'])(
  'what has more than empty tables is not copied: %s',
  async (statement) => {
    await apply(original.connection, parent, statement);
    expect(await readSchema(original.connection)).toBeUndefined();
  },
);
