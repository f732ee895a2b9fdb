import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { notFound } from '#app/http/errors.ts';
import { organizations } from './models.ts';

export interface LockedOrganization {
  readonly accountId: string;
  readonly name: string;
}

/**
 * Locks an organization until the transaction ends. Whoever changes its members or invitations does
 * so first: what is counted then is what there is when the transaction is committed.
 *
 * @returns nothing where the account is no organization, or one that is being removed
 */
export async function lockOrganization(
  tx: Transaction,
  accountId: string,
): Promise<LockedOrganization | undefined> {
  const [organization] = await tx
    .select({ accountId: organizations.accountId, name: organizations.name })
    .from(organizations)
    .where(and(eq(organizations.accountId, accountId), eq(organizations.state, 'active')))
    .for('update');
  return organization;
}

/** @throws not_found */
export async function requireOrganization(
  tx: Transaction,
  accountId: string,
): Promise<LockedOrganization> {
  const organization = await lockOrganization(tx, accountId);
  if (organization === undefined) throw notFound();
  return organization;
}
