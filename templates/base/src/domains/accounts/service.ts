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
  await tx.insert(accounts).values({ id, name: name.slice(0, 100) });
  return id;
}
