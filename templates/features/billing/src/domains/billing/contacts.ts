// To whom an account's mails about billing go.
import { asc, desc, eq, isNotNull } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { users } from '#app/domains/auth/models.ts';
import { otherContacts } from './other-contacts.ts';

/** Finds addresses for an account that is not, or not only, one person's. */
export type FindContacts = (
  queries: Queries | Transaction,
  accountId: string,
) => Promise<readonly string[]>;

const others: readonly FindContacts[] = Object.values(otherContacts);

/** The addresses, each once. Nobody is left to write to where an account is being removed. */
export async function contactsOf(
  queries: Queries | Transaction,
  accountId: string,
): Promise<string[]> {
  const found = await ownUser(queries, accountId);
  for (const find of others) found.push(...(await find(queries, accountId)));
  return [...new Set(found)];
}

/** Who the account is to Stripe. */
export interface Payer {
  readonly email: string;
  readonly name?: string;
}

export async function payerOf(tx: Transaction, accountId: string): Promise<Payer> {
  const [email] = await contactsOf(tx, accountId);
  if (email === undefined) throw new Error('The account has nobody to write to');
  const [account] = await tx
    .select({ name: accounts.name })
    .from(accounts)
    .where(eq(accounts.id, accountId));
  const name = account?.name ?? '';
  // That of a person is named by the address.
  return { email, ...(!name.includes('@') && { name }) };
}

/** The oldest of those who sign in to it, one whose address is verified before others. */
async function ownUser(queries: Queries | Transaction, accountId: string): Promise<string[]> {
  const rows = await queries
    .select({ email: users.email })
    .from(users)
    .where(eq(users.accountId, accountId))
    .orderBy(desc(isNotNull(users.emailVerifiedAt)), asc(users.createdAt), asc(users.id))
    .limit(1);
  return rows.map(({ email }) => email);
}
