import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { users } from '#app/domains/auth/models.ts';
import { memberships } from '#app/domains/organizations/models.ts';
import { rolesThatMay } from '#app/domains/organizations/roles.ts';

/**
 * The members of an organization who look after what it pays: its owners first, and of all the oldest
 * first, which is whom Stripe knows it by.
 */
export async function organizationContacts(
  queries: Queries | Transaction,
  accountId: string,
): Promise<string[]> {
  const rows = await queries
    .select({ email: users.email })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(
      and(
        eq(memberships.accountId, accountId),
        inArray(memberships.role, rolesThatMay('billing:manage')),
      ),
    )
    .orderBy(
      desc(eq(memberships.role, 'owner')),
      asc(memberships.createdAt),
      asc(memberships.userId),
    );
  return rows.map(({ email }) => email);
}
