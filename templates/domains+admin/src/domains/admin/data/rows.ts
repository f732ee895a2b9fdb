// Rows of all accounts, for operators alone: everything else reads by `database.withAccount`.
//
// They come account after account, the newest account first, and in each the newest row first: ids
// begin with the time (`newId`). That is the order of the key (account_id, id), so a page costs as
// many rows as it shows, of one account or of all. By time across accounts, every page would sort the
// whole table, or every insert of the product keep one more index for the admin area's sake.
import { and, desc, eq, lt, or, type InferSelectModel } from 'drizzle-orm';
import { z } from 'zod';
import type { OwnedTable } from '#app/database/account-scope.ts';
import type { Database } from '#app/database/database.ts';
import { findAccount } from './accounts.ts';

const pageSize = 50;

/** The key of the row after which a page begins. */
const Position = z
  .string()
  .transform((text) => text.split('.'))
  .pipe(z.tuple([z.uuid(), z.uuid()]));

/** What a list of rows can be asked for. */
export const RowsQuery = z.object({
  /** An account's id, or the e-mail address of its user; all accounts where it is empty. */
  account: z.string().trim().max(254).default(''),
  cursor: Position.optional(),
});

export type RowsQuery = z.output<typeof RowsQuery>;

/** The parameters of a page of one row. */
export const rowParams = z.object({ accountId: z.uuid(), id: z.uuid() });

export interface Rows<Row> {
  /** What was asked for, as it was typed. */
  readonly account: string;
  readonly rows: readonly Row[];
  /** The cursor of the next page, if there is one. */
  readonly next: string | undefined;
}

/** Reads one page of a table's rows, of one account or of all. */
export async function readRows<T extends OwnedTable>(
  database: Database,
  table: T,
  { account, cursor }: RowsQuery,
): Promise<Rows<InferSelectModel<T>>> {
  const accountId = account === '' ? undefined : await findAccount(database, account);
  if (account !== '' && accountId === undefined) return { account, rows: [], next: undefined };
  const found = await database.queries
    .select()
    .from<OwnedTable>(table)
    .where(
      and(
        accountId === undefined ? undefined : eq(table.accountId, accountId),
        cursor === undefined ? undefined : beyond(table, cursor),
      ),
    )
    .orderBy(desc(table.accountId), desc(table.id))
    // One more than is shown tells whether there is a next page.
    .limit(pageSize + 1);
  const rows = found.slice(0, pageSize);
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  const next =
    last === undefined ? undefined : `${String(last['accountId'])}.${String(last['id'])}`;
  return { account, rows: rows as InferSelectModel<T>[], next };
}

function beyond(table: OwnedTable, [accountId, id]: readonly [string, string]) {
  return or(lt(table.accountId, accountId), and(eq(table.accountId, accountId), lt(table.id, id)));
}
