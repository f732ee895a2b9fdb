import type { InferInsertModel, InferSelectModel } from 'drizzle-orm';
import type { AccountScope, OwnedTable } from './account-scope.ts';

/** Makes a row in an account, and reads it with what the database filled in. */
export function createRow<T extends OwnedTable>(
  account: AccountScope,
  table: T,
  row: Omit<InferInsertModel<T>, 'accountId'> & { id: string },
): Promise<InferSelectModel<T>> {
  return account.transaction(async (scope) => {
    await scope.insert(table, row);
    const made = await scope.find(table, row.id);
    if (made === undefined) throw new Error('A row that was just made is not there');
    return made;
  });
}
