import { and, eq, notExists, sql } from 'drizzle-orm';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { users } from '../models.ts';
import type { User } from '../users.ts';

/**
 * Makes a user with a personal account, unless the address has one. The same statements run in both
 * cases, so that their time does not tell which it was, and the user's row is locked after them.
 *
 * @returns `user`, who is made up where the address is taken; `ownerId`, of whom the address belongs
 * to: the same in the one case, another in the other
 */
export async function addUser(
  tx: Transaction,
  input: { email: string; passwordHash: string; isVerified?: boolean },
): Promise<{ user: User; ownerId: string }> {
  const { email, passwordHash, isVerified = false } = input;
  const id = newId();
  const accountId = await createAccount(tx, email);
  await tx
    .insert(users)
    .values({
      id,
      accountId,
      email,
      emailVerifiedAt: isVerified ? sql`UTC_TIMESTAMP(3)` : null,
      passwordHash,
    })
    .onDuplicateKeyUpdate({ set: { id: sql`id` } });
  const [owner] = await tx
    .select({
      id: users.id,
      emailVerifiedAt: users.emailVerifiedAt,
      createdAt: users.createdAt,
      now: sql`UTC_TIMESTAMP(3)`.mapWith(users.createdAt),
    })
    .from(users)
    .where(eq(users.email, email));
  if (owner === undefined) throw new Error('A user that was just made is not there');
  await removeIfUnused(tx, accountId);

  const { emailVerifiedAt, createdAt } =
    owner.id === id ? owner : { emailVerifiedAt: null, createdAt: owner.now };
  return { user: { id, accountId, email, emailVerifiedAt, createdAt }, ownerId: owner.id };
}

async function removeIfUnused(tx: Transaction, accountId: string): Promise<void> {
  const members = tx.select({ id: users.id }).from(users).where(eq(users.accountId, accountId));
  await tx.delete(accounts).where(and(eq(accounts.id, accountId), notExists(members)));
}
