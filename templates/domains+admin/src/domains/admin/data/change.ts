// What an operator changes of an account's data is changed by the domain's own service, and recorded
// in the same transaction.
import { eq, type InferSelectModel } from 'drizzle-orm';
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core';
import { accountScope, type AccountScope, type OwnedTable } from '#app/database/account-scope.ts';
import { found } from '#app/http/found.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { actorOf } from '../operator.ts';
import type { ActionContext } from '../pages/define-page.ts';
import { changedMeanwhile } from './errors.ts';

const stale =
  'It was changed since you opened this form. Below is what you typed: send it again to have it so.';

export interface DataAct {
  /** In the past tense: `data.changed`. */
  readonly action: string;
  /** The domain whose row it is. */
  readonly domain: string;
  /** Whose row it is. */
  readonly accountId: string;
}

/** The row that was changed, and which of its fields; their values are not for the audit log. */
export interface ChangedRow {
  readonly id: string;
  readonly fields?: readonly string[];
}

/**
 * Changes an account's data and records who did it, in one transaction.
 *
 * @returns the id of the row
 */
export async function changeData(
  { services, operator }: Pick<ActionContext, 'services' | 'operator'>,
  { action, domain, accountId }: DataAct,
  work: (account: AccountScope) => Promise<ChangedRow>,
): Promise<string> {
  return services.database.transaction(async (tx) => {
    const account = accountScope({ queries: tx, transaction: (inner) => inner(tx) }, accountId);
    const { id, ...detail } = await work(account);
    recordAct(tx, {
      actor: actorOf(operator),
      action,
      subject: `${domain}:${id}`,
      detail: { accountId, ...detail },
    });
    return id;
  });
}

/**
 * Takes hold of a row that nobody has changed since a form showed it.
 *
 * @param seen when it had last been changed then
 * @throws not_found
 * @throws changed_meanwhile
 */
export async function lockAsSeen<T extends OwnedTable & { updatedAt: AnyMySqlColumn }>(
  account: AccountScope,
  table: T,
  id: string,
  seen: Date,
): Promise<InferSelectModel<T>> {
  found(await account.find(table, id));
  // Says nothing new, and keeps others from changing it before this transaction ends.
  const same = { updatedAt: seen } as Parameters<typeof account.update<T>>[2];
  const isSame = await account.update(table, id, same, eq(table.updatedAt, seen));
  if (!isSame) throw changedMeanwhile({ detail: stale });
  return found(await account.find(table, id));
}
