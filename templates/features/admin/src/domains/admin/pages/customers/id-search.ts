import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { users } from '#app/domains/auth/models.ts';
import type { CustomerSearch } from './define-section.ts';

/** Finds a customer by the id of the person, or of the account. */
export const idSearch: CustomerSearch = {
  hint: 'user or account id',
  matches: z.uuid(),
  async find({ database }, text) {
    const id = text.toLowerCase();
    const [user] = await database.queries
      .select({ accountId: users.accountId })
      .from(users)
      .where(eq(users.id, id));
    return [user?.accountId ?? id];
  },
};
