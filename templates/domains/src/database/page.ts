// Lists are read by keyset: a page begins after the row at which the last one ended, whatever has
// come or gone before it, so that no row is shown twice or left out. The id breaks ties.
import { and, asc, desc, eq, gt, lt, or, type InferSelectModel } from 'drizzle-orm';
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core';
import type { AccountScope, OwnedTable } from './account-scope.ts';

/** The row after which a page begins: what it is sorted by, and its id. */
export interface Position {
  readonly value: unknown;
  readonly id: string;
}

export interface PageRequest<Sort extends string, Filter extends string> {
  readonly limit: number;
  /** The column to sort by. It may not be null: nothing comes before or after a null. */
  readonly column: Sort;
  readonly descending: boolean;
  readonly after?: Position;
  /** What columns have to be equal to. */
  readonly equal: { readonly [Column in Filter]?: unknown };
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins, if there is one. */
  readonly next?: Position;
}

type With<Name extends string> = Readonly<Record<Name, AnyMySqlColumn>>;

/** Reads one page of an account's rows. */
export async function readPage<
  Sort extends string,
  Filter extends string,
  T extends OwnedTable & With<Sort | Filter>,
>(
  account: AccountScope,
  table: T,
  request: PageRequest<Sort, Filter>,
): Promise<Page<InferSelectModel<T>>> {
  const { limit, descending, after } = request;
  const column: AnyMySqlColumn = table[request.column];
  const [order, beyond] = descending ? [desc, lt] : [asc, gt];
  const filters = Object.entries(request.equal).filter(([, value]) => value !== undefined);

  const rows = await account.list(table, {
    where: and(
      ...filters.map(([name, value]) => eq(table[name as Filter], value)),
      after &&
        or(beyond(column, after.value), and(eq(column, after.value), beyond(table.id, after.id))),
    ),
    orderBy: [order(column), order(table.id)],
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  if (last === undefined) return { rows: page };
  return { rows: page, next: { value: Reflect.get(last, request.column), id: String(last['id']) } };
}
