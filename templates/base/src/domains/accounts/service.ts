import { and, eq } from 'drizzle-orm';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from './models.ts';

/**
 * Makes an account, in the transaction that makes whom it is for.
 *
 * @param name what people see it called, at most 100 characters
 * @returns the new account's id
 */
export async function createAccount(tx: Transaction, name: string): Promise<string> {
  const id = newId();
  await tx.insert(accounts).values({ id, name: nameOf(name) });
  return id;
}

/** Gives an account another name, unless it has got one of its own since it had the old one. */
export async function renameAccount(
  tx: Transaction,
  id: string,
  name: { from: string; to: string },
): Promise<void> {
  await tx
    .update(accounts)
    .set({ name: nameOf(name.to) })
    .where(and(eq(accounts.id, id), eq(accounts.name, nameOf(name.from))));
}

function nameOf(text: string): string {
  return text.slice(0, 100);
}
