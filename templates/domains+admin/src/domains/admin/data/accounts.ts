// Whose data it is: accounts as operators name them.
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { users } from '#app/domains/auth/models.ts';
import type { Field } from '../pages/define-page.ts';
import { unknownAccount } from './errors.ts';

/** The input of a form that says whose a new row is. */
export const accountField: Field = {
  kind: 'text',
  label: 'Account',
  hint: 'Its id, or the e-mail address of its user.',
  maxLength: 254,
};

/** The account of an id, or of a user's e-mail address. */
export async function findAccount(
  { queries }: Pick<Database, 'queries'>,
  text: string,
): Promise<string | undefined> {
  const [found] = z.uuid().safeParse(text).success
    ? await queries.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, text))
    : await queries
        .select({ id: users.accountId })
        .from(users)
        .where(eq(users.email, text.toLowerCase()));
  return found?.id;
}

/** @throws unknown_account, which names the input of the form */
export async function requireAccount(database: Database, text: string): Promise<string> {
  const id = await findAccount(database, text);
  if (id !== undefined) return id;
  throw unknownAccount({
    errors: [{ pointer: '#/accountId', detail: 'No account has this id or e-mail address' }],
  });
}
