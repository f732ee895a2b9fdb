import type { Connection, RowDataPacket } from 'mysql2/promise';

/** The tables of a migrated database, and what its migrations noted of themselves. */
export interface SchemaCopy {
  /** A statement for each table. */
  readonly tables: readonly string[];
  readonly progress: readonly unknown[];
}

/**
 * Reads what it takes to make the same database again without its migrations, which is several times
 * faster than running them.
 *
 * @returns nothing where they make more than tables without rows, such as views or triggers
 */
export async function readSchema(connection: Connection): Promise<SchemaCopy | undefined> {
  const tables: string[] = [];
  for (const name of await namesIn(connection, 'TABLES', 'TABLE')) {
    const [[row]] = await connection.query<RowDataPacket[]>('SHOW CREATE TABLE ??', [name]);
    if (row?.['Create Table'] === undefined) return undefined;
    if (name !== 'schema_migrations' && (await rowsOf(connection, name)).length > 0)
      return undefined;
    tables.push(row['Create Table']);
  }
  const others = [
    await namesIn(connection, 'TRIGGERS', 'TRIGGER'),
    await namesIn(connection, 'ROUTINES', 'ROUTINE'),
    await namesIn(connection, 'EVENTS', 'EVENT'),
  ];
  if (others.flat().length > 0) return undefined;
  return { tables, progress: await rowsOf(connection, 'schema_migrations') };
}

/** Makes it in an empty database. */
export async function writeSchema(
  connection: Connection,
  { tables, progress }: SchemaCopy,
): Promise<void> {
  // Tables may refer to others that come after them.
  await connection.query('SET SESSION foreign_key_checks = FALSE');
  for (const table of tables) await connection.query(table);
  await connection.query('SET SESSION foreign_key_checks = TRUE');
  await connection.query('INSERT INTO schema_migrations VALUES ?', [progress]);
}

async function namesIn(connection: Connection, list: string, kind: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT ${kind}_NAME AS name FROM information_schema.${list} WHERE ${kind}_SCHEMA = DATABASE()`,
  );
  return rows.map((row) => String(row['name']));
}

async function rowsOf(connection: Connection, table: string): Promise<unknown[]> {
  const [rows] = await connection.query<RowDataPacket[][]>({
    sql: 'SELECT * FROM ??',
    values: [table],
    rowsAsArray: true,
  });
  return rows;
}
