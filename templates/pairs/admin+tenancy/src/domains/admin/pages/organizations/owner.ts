import { eq } from 'drizzle-orm';
import { organizations } from '#app/domains/organizations/models.ts';
import type { FindOwners } from '../customers/account-owners.ts';

/** The organization that an account is. */
export const organizationOwner: FindOwners = async (queries, accountId) => {
  const found = await queries
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.accountId, accountId));
  return found.map(({ name }) => ({ path: `/admin/organizations/${accountId}`, label: name }));
};
