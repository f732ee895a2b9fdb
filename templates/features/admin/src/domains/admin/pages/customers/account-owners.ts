import type { Queries } from '#app/database/database.ts';
import { owners } from './owners.ts';

/** Whose an account is, as other pages lead to it. */
export interface AccountOwner {
  readonly path: `/admin/${string}`;
  readonly label: string;
}

/** Finds those of one kind; none where the account is of another. */
export type FindOwners = (queries: Queries, accountId: string) => Promise<readonly AccountOwner[]>;

const kinds: readonly FindOwners[] = Object.values(owners);

export async function findOwners(queries: Queries, accountId: string): Promise<AccountOwner[]> {
  const found = await Promise.all(kinds.map((find) => find(queries, accountId)));
  return found.flat();
}
