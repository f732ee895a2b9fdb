import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { billingCustomers } from './models.ts';

/**
 * Locks all of an account's billing until the transaction ends, by its row of `billing_customers`,
 * which is made where there is none.
 *
 * Many may find no row at once, insert theirs and roll back. InnoDB would then have those who wait
 * inherit locks on the gap, and refuse most of them as deadlocked. So only who holds the account
 * itself inserts. Who holds it does not wait for the row: whoever has that may want the account, for
 * a foreign key. The transaction is run again instead, and waits for the row alone.
 */
export async function lockAccount(tx: Transaction, accountId: string): Promise<void> {
  if (await lockRow(tx, accountId)) return;
  await lockLimits(tx, accountId);
  if (await lockRow(tx, accountId, { noWait: true })) return;
  await tx.insert(billingCustomers).values({ accountId });
}

/**
 * Locks what an account may have until the transaction ends, by the row of the account. It is not the
 * lock of its billing: whoever has that may be waiting for Stripe.
 */
export async function lockLimits(tx: Transaction, accountId: string): Promise<void> {
  await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(eq(accounts.id, accountId))
    .for('update');
}

async function lockRow(
  tx: Transaction,
  accountId: string,
  options: { readonly noWait?: true } = {},
): Promise<boolean> {
  const rows = await tx
    .select({ accountId: billingCustomers.accountId })
    .from(billingCustomers)
    .where(eq(billingCustomers.accountId, accountId))
    .for('update', options);
  return rows.length > 0;
}
