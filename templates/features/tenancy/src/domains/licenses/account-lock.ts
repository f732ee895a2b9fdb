import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { notFound } from '#app/http/errors.ts';
import { accounts } from '../accounts/models.ts';
import { organizations } from '../organizations/models.ts';

/**
 * Locks what an account is licensed to until the transaction ends. An organization is locked as who
 * counts its seats does, and first as they do: nobody joins by seats that are just being revoked.
 *
 * @throws not_found where there is no such account, or its organization is being removed
 */
export async function lockLicense(tx: Transaction, accountId: string): Promise<void> {
  const [organization] = await tx
    .select({ state: organizations.state })
    .from(organizations)
    .where(eq(organizations.accountId, accountId))
    .for('update');
  const found = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(eq(accounts.id, accountId))
    .for('update');
  if (found.length === 0 || organization?.state === 'deleted') throw notFound();
}
