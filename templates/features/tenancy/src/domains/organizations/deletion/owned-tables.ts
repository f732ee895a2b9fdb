// Which tables have rows of an account is asked of the database itself: also those of a domain that
// is the owner's own, or whose code is gone.
import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '#app/database/database.ts';

/** Tables whose rows are a person's, though they name an account. */
const ofPeople = ['users', 'sessions'];

/** In which order the rows of an account can go. */
export interface DeletionOrder {
  /** What refers to others comes before them. */
  readonly tables: readonly string[];
  /** References that go round in a circle, as those of a table to itself: they are emptied first. */
  readonly circular: readonly { readonly table: string; readonly column: string }[];
}

/** Between two tables. */
export interface ForeignKey {
  readonly table: string;
  readonly refersTo: string;
  /** The columns of it that may be empty. */
  readonly optional: readonly string[];
}

/** Finds the tables with rows of accounts, and the order in which these can go. */
export async function deletionOrder({ pool }: Pick<Database, 'pool'>): Promise<DeletionOrder> {
  const [tables] = await pool.query<RowDataPacket[]>(
    `SELECT TABLE_NAME AS name FROM information_schema.COLUMNS
      JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME)
      WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'account_id'
        AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME NOT IN (?)
      ORDER BY TABLE_NAME`,
    [ofPeople],
  );
  return inOrder(
    tables.map((row) => String(row['name'])),
    await foreignKeys(pool),
  );
}

async function foreignKeys(pool: Database['pool']): Promise<ForeignKey[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT TABLE_NAME AS name, REFERENCED_TABLE_NAME AS refersTo, CONSTRAINT_NAME AS constraintName,
        COLUMN_NAME AS columnName, IS_NULLABLE AS isNullable
      FROM information_schema.KEY_COLUMN_USAGE
      JOIN information_schema.COLUMNS USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)
      WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()`,
  );
  const keys = Map.groupBy(rows, (row) => `${row['name']} ${row['constraintName']}`);
  return [...keys.values()].map((columns) => ({
    table: String(columns[0]?.['name']),
    refersTo: String(columns[0]?.['refersTo']),
    optional: columns
      .filter((column) => column['isNullable'] === 'YES')
      .map((column) => String(column['columnName'])),
  }));
}

/** Takes a table that no other refers to; where each is referred to, the first of them. */
export function inOrder(names: readonly string[], keys: readonly ForeignKey[]): DeletionOrder {
  const left = new Set(names);
  const tables: string[] = [];
  const isFree = (name: string) =>
    !keys.some(({ table, refersTo }) => refersTo === name && table !== name && left.has(table));
  while (left.size > 0) {
    const next = [...left].find(isFree) ?? [...left][0] ?? '';
    tables.push(next);
    left.delete(next);
  }
  const circular = keys
    .filter(({ table }) => names.includes(table))
    .filter(({ table, refersTo }) => {
      const place = tables.indexOf(refersTo);
      return place !== -1 && place <= tables.indexOf(table);
    })
    .flatMap(({ table, optional: [column] }) => (column === undefined ? [] : [{ table, column }]));
  return { tables, circular };
}
