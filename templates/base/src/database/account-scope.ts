// What the product stores belongs to an account. Its tables have the key (account_id, id), and every
// foreign key between them includes account_id, so that no row can point at another account's. They
// are read and written here, where the account is part of every statement.
import { and, eq, sql, type InferInsertModel, type InferSelectModel, type SQL } from 'drizzle-orm';
import type { AnyMySqlColumn, MySqlTable } from 'drizzle-orm/mysql-core';
import type { ResultSetHeader } from 'mysql2/promise';
import type { Queries } from './database.ts';
import type { Transaction } from './transaction.ts';

/** A table whose rows belong to an account. */
export type OwnedTable = MySqlTable & { id: AnyMySqlColumn; accountId: AnyMySqlColumn };

type Row<T extends OwnedTable> = InferSelectModel<T>;
type NewRow<T extends OwnedTable> = Omit<InferInsertModel<T>, 'accountId'>;
/** What is undefined stays as it is. */
type Changes<T extends OwnedTable> = {
  [Column in Exclude<keyof InferInsertModel<T>, 'accountId' | 'id'>]?:
    | InferInsertModel<T>[Column]
    | undefined;
};

/** One account's rows. Every method sees, changes and removes rows of that account only. */
export interface AccountScope {
  readonly accountId: string;
  find<T extends OwnedTable>(table: T, id: string): Promise<Row<T> | undefined>;
  list<T extends OwnedTable>(
    table: T,
    options: { where?: SQL | undefined; orderBy: SQL[]; limit: number },
  ): Promise<Row<T>[]>;
  insert<T extends OwnedTable>(table: T, row: NewRow<T>): Promise<void>;
  /** Resolves to whether the row was there, and `where` (the old values) held for it. */
  update<T extends OwnedTable>(
    table: T,
    id: string,
    changes: Changes<T>,
    where?: SQL,
  ): Promise<boolean>;
  /** Resolves to whether the row was there. */
  remove(table: OwnedTable, id: string): Promise<boolean>;
  /** The same, in one transaction (see `Database.transaction`). */
  transaction<R>(work: (scope: AccountScope) => Promise<R>): Promise<R>;
}

interface Access {
  readonly queries: Queries | Transaction;
  transaction<R>(work: (tx: Transaction) => Promise<R>): Promise<R>;
}

/** Narrows access to one account. The id comes from a session or a token, never from input. */
export function accountScope(access: Access, accountId: string): AccountScope {
  const { queries } = access;
  const own = (table: OwnedTable, ...conditions: (SQL | undefined)[]): SQL | undefined =>
    // In brackets each: a condition that says OR must not reach past the account.
    and(eq(table.accountId, accountId), ...conditions.map((each) => each && sql`(${each})`));

  return {
    accountId,

    async find<T extends OwnedTable>(table: T, id: string) {
      const rows = await queries
        .select()
        .from<OwnedTable>(table)
        .where(own(table, eq(table.id, id)));
      return rows[0] as Row<T> | undefined;
    },

    async list<T extends OwnedTable>(
      table: T,
      options: { where?: SQL | undefined; orderBy: SQL[]; limit: number },
    ) {
      const rows = await queries
        .select()
        .from<OwnedTable>(table)
        .where(own(table, options.where))
        .orderBy(...options.orderBy)
        .limit(options.limit);
      return rows as Row<T>[];
    },

    async insert(table, row) {
      await queries.insert<OwnedTable>(table).values({ ...row, accountId } as never);
    },

    async update(table, id, changes, where) {
      const [result] = await queries
        .update<OwnedTable>(table)
        .set(withoutKey(changes))
        .where(own(table, eq(table.id, id), where));
      return matched(result);
    },

    async remove(table, id) {
      const [result] = await queries.delete<OwnedTable>(table).where(own(table, eq(table.id, id)));
      return matched(result);
    },

    transaction: (work) =>
      access.transaction((tx) =>
        work(accountScope({ queries: tx, transaction: (inner) => inner(tx) }, accountId)),
      ),
  };
}

/** What decides whose row it is cannot be changed, whatever a caller's input brings along. */
function withoutKey(changes: Record<string, unknown>): Record<string, unknown> {
  const { id: _id, accountId: _accountId, ...rest } = changes;
  return rest;
}

/** mysql2 counts the rows that matched, changed or not. */
function matched(result: ResultSetHeader): boolean {
  return result.affectedRows === 1;
}
