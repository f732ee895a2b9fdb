import { eq } from 'drizzle-orm';
import { users } from '#app/domains/auth/models.ts';
import type { FindOwners } from './account-owners.ts';

/** People that are listed at most. */
const listed = 10;

/** Who signs in to an account that is their own. */
export const customerOwners: FindOwners = async (queries, accountId) => {
  const people = await queries
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(eq(users.accountId, accountId))
    .limit(listed);
  return people.map(({ id, email }) => ({ path: `/admin/customers/${id}`, label: email }));
};
