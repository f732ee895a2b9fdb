// Removes what deleted organizations have stored: a batch at a time, each in a transaction of its own,
// so that nothing is locked for long, and whoever is stopped in between has lost nothing.
import { and, eq, sql, type SQL } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { sendSessionsHome } from '../members/memberships.ts';
import { organizations } from '../models.ts';
import { deletionOrder, type DeletionOrder } from './owned-tables.ts';

/** Rows that one transaction removes. */
const batch = 1000;

/**
 * Removes all that there is of the deleted organizations. One that cannot be removed does not keep
 * the others from it.
 *
 * @throws what the first of those has met
 */
export async function purgeDeleted(database: Database, closing?: AbortSignal): Promise<void> {
  const deleted = await database.queries
    .select({ accountId: organizations.accountId })
    .from(organizations)
    .where(eq(organizations.state, 'deleted'));
  if (deleted.length === 0) return;
  const order = await deletionOrder(database);
  const failures: unknown[] = [];
  for (const { accountId } of deleted) {
    try {
      while (await database.transaction((tx) => purgeSome(tx, accountId, order))) {
        if (closing?.aborted === true) return;
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Removes a batch of an organization's rows; when none is left, the organization and its account.
 *
 * @returns whether there may be more; not, where another process is at it
 */
async function purgeSome(
  tx: Transaction,
  accountId: string,
  { tables, circular }: DeletionOrder,
): Promise<boolean> {
  const [mine] = await tx
    .select({ accountId: organizations.accountId })
    .from(organizations)
    .where(and(eq(organizations.accountId, accountId), eq(organizations.state, 'deleted')))
    .for('update', { skipLocked: true });
  if (mine === undefined) return false;

  for (const { table, column } of circular) {
    const name = sql.identifier(column);
    const emptied = await affected(
      tx,
      sql`UPDATE ${sql.identifier(table)} SET ${name} = NULL
        WHERE account_id = ${accountId} AND ${name} IS NOT NULL LIMIT ${batch}`,
    );
    if (emptied === batch) return true;
  }
  const stored = tables.filter((table) => table !== 'organizations');
  for (const table of stored) {
    if ((await removeFrom(tx, table, accountId)) === batch) return true;
  }
  await removeAccount(tx, accountId, stored);
  return false;
}

/**
 * Nobody can store anything for an account whose row is locked: whoever was still at it has done so,
 * or fails for want of the account.
 */
async function removeAccount(
  tx: Transaction,
  accountId: string,
  stored: readonly string[],
): Promise<void> {
  await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(eq(accounts.id, accountId))
    .for('update');
  for (const table of stored) {
    while ((await removeFrom(tx, table, accountId)) === batch);
  }
  await sendSessionsHome(tx, accountId);
  await tx.delete(organizations).where(eq(organizations.accountId, accountId));
  await tx.delete(accounts).where(eq(accounts.id, accountId));
}

function removeFrom(tx: Transaction, table: string, accountId: string): Promise<number> {
  return affected(
    tx,
    sql`DELETE FROM ${sql.identifier(table)} WHERE account_id = ${accountId} LIMIT ${batch}`,
  );
}

async function affected(tx: Transaction, statement: SQL): Promise<number> {
  const [result] = await tx.execute(statement);
  return result.affectedRows;
}
