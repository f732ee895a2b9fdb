// Rows of an account in every table that has rows of accounts: the tables tell what they are made of.
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';

interface Column {
  readonly name: string;
  readonly dataType: string;
  readonly columnType: string;
  readonly length: number | null;
  readonly extra: string;
}

interface ForeignKey {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

type Row = Record<string, unknown>;

/** The tables of people, who are not an account's alone. */
const people = new Set(['users', 'sessions']);

/** The tables whose rows belong to accounts. */
export async function tablesOfAccounts(connection: Connection): Promise<string[]> {
  const rows = await read<{ name: string }>(
    connection,
    `SELECT c.table_name AS name FROM information_schema.columns c
       JOIN information_schema.tables t
         ON t.table_schema = c.table_schema AND t.table_name = c.table_name
      WHERE c.table_schema = DATABASE() AND c.column_name = 'account_id'
        AND t.table_type = 'BASE TABLE' ORDER BY c.table_name`,
  );
  return rows.map(({ name }) => name);
}

/** The other tables, but for those of what was taken out of this project. */
export async function tablesWithoutAccount(connection: Connection): Promise<string[]> {
  const rows = await read<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`,
  );
  const others = new Set([...(await tablesOfAccounts(connection)), ...retiredTables()]);
  return rows.map(({ name }) => name).filter((name) => !others.has(name));
}

/**
 * The unique keys of such tables that leave the account out, as `table.key`; but for those of an id
 * alone, which the service makes.
 */
export async function uniqueAcrossAccounts(connection: Connection): Promise<string[]> {
  const tables = await tablesOfAccounts(connection);
  const apart = new Set([...people, ...retiredTables()]);
  const rows = await read<{ table: string; name: string }>(
    connection,
    `SELECT table_name AS \`table\`, index_name AS name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND non_unique = 0
      GROUP BY table_name, index_name
      HAVING SUM(column_name = 'account_id') = 0
        AND GROUP_CONCAT(column_name) <> 'id'`,
  );
  return rows
    .filter(({ table }) => tables.includes(table) && !apart.has(table))
    .map(({ table, name }) => `${table}.${name}`);
}

/** The foreign keys between such tables, but for those to people, which leave the account out. */
export async function keysWithoutAccount(connection: Connection): Promise<string[]> {
  const tables = await tablesOfAccounts(connection);
  const keys: string[] = [];
  for (const table of tables) {
    const found = (await foreignKeysOf(connection, table)).filter(
      ({ columns, parent }) =>
        tables.includes(parent) && !people.has(parent) && !columns.includes('account_id'),
    );
    keys.push(...found.map(({ columns }) => `${table} (${columns.join(', ')})`));
  }
  return keys;
}

/** Every row of an account, by its table. */
export async function rowsOf(
  connection: Connection,
  accountId: string,
): Promise<Record<string, Row[]>> {
  const tables = await tablesOfAccounts(connection);
  const found: Record<string, Row[]> = {};
  for (const table of tables) {
    found[table] = await read<Row>(
      connection,
      `SELECT * FROM ${table} WHERE account_id = ? ORDER BY 1, 2`,
      [accountId],
    );
  }
  return found;
}

/** Sees to it that an account has a row in each of these tables, filled in every column. */
export async function fillTables(connection: Connection, accountId: string): Promise<void> {
  for (const table of await tablesOfAccounts(connection)) {
    await rowIn(connection, table, accountId);
  }
}

/** A row of the account's, made where it has none; of a table that is nobody's, any row. */
async function rowIn(connection: Connection, table: string, accountId: string): Promise<Row> {
  const columns = await columnsOf(connection, table);
  const isOwned = columns.some(({ name }) => name === 'account_id');
  const [there] = await read<Row>(
    connection,
    `SELECT * FROM ${table} ${isOwned ? 'WHERE account_id = ?' : ''} LIMIT 1`,
    isOwned ? [accountId] : [],
  );
  if (there !== undefined) return there;

  const row: Row = Object.fromEntries(columns.map((column) => [column.name, valueFor(column)]));
  for (const { columns: own, parent, parentColumns } of await foreignKeysOf(connection, table)) {
    const values = parent === table ? row : await parentRow(connection, parent, accountId);
    for (const [index, name] of own.entries()) row[name] = values[parentColumns[index] ?? ''];
  }
  if (isOwned) row['account_id'] = accountId;
  await connection.query(`INSERT INTO ${table} SET ?`, [row]);
  return row;
}

async function parentRow(connection: Connection, table: string, accountId: string): Promise<Row> {
  return table === 'accounts' ? { id: accountId } : rowIn(connection, table, accountId);
}

/** Something that no other row has, where the type has room for it. */
function valueFor({ dataType, columnType, length }: Column): unknown {
  const text = randomBytes(16).toString('hex');
  switch (dataType) {
    case 'char':
      return length === 36 ? randomUUID() : text.slice(0, length ?? 1);
    case 'varchar':
      return text.slice(0, length ?? 1);
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return text;
    case 'json':
      return '{}';
    case 'enum':
      return /'((?:[^']|'')*)'/.exec(columnType)?.[1];
    case 'binary':
    case 'varbinary':
      return randomBytes(length ?? 1);
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return randomBytes(16);
    case 'date':
      return '2026-01-02';
    case 'datetime':
    case 'timestamp':
      return '2026-01-02 03:04:05.678';
    default:
      return 1;
  }
}

function retiredTables(): string[] {
  const file = join(import.meta.dirname, '../../src/database/retired.ts');
  const definitions = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...definitions.matchAll(/\bmysqlTable\(\s*'([^']+)'/g)].map(([, name = '']) => name);
}

async function columnsOf(connection: Connection, table: string): Promise<Column[]> {
  const columns = await read<Column>(
    connection,
    `SELECT column_name AS name, data_type AS dataType, column_type AS columnType,
            character_maximum_length AS length, extra
       FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
    [table],
  );
  return columns.filter(({ extra }) => !/(?:STORED|VIRTUAL) GENERATED|auto_increment/i.test(extra));
}

async function foreignKeysOf(connection: Connection, table: string): Promise<ForeignKey[]> {
  const rows = await read<{ name: string; own: string; parent: string; parentColumn: string }>(
    connection,
    `SELECT constraint_name AS name, column_name AS own,
            referenced_table_name AS parent, referenced_column_name AS parentColumn
       FROM information_schema.key_column_usage
      WHERE table_schema = DATABASE() AND table_name = ? AND referenced_table_name IS NOT NULL
      ORDER BY constraint_name, ordinal_position`,
    [table],
  );
  return [...Map.groupBy(rows, ({ name }) => name).values()].map((key) => ({
    columns: key.map(({ own }) => own),
    parent: key[0]?.parent ?? '',
    parentColumns: key.map(({ parentColumn }) => parentColumn),
  }));
}

async function read<T>(
  connection: Connection,
  query: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const [rows] = await connection.query<RowDataPacket[]>(query, [...values]);
  return rows as T[];
}
