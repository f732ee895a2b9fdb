// Customers are found by the beginning of their address, which is a range of an index, or by an id;
// never by what lies within a text, for which every row would have to be read.
import { and, asc, desc, eq, gt, inArray, lt, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Queries } from '#app/database/database.ts';
import { users } from '#app/domains/auth/models.ts';
import type { Services } from '#app/lifecycle.ts';
import type { Customer, CustomerSearch } from './define-section.ts';

export const pageSize = 50;

export interface CustomerPage {
  readonly customers: readonly Customer[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
}

const shown = {
  id: users.id,
  accountId: users.accountId,
  email: users.email,
  emailVerifiedAt: users.emailVerifiedAt,
  createdAt: users.createdAt,
};

/**
 * A page of customers: all of them, the newest first; or those whom a text leads to.
 *
 * @param ask.text an id in one of the forms that `searches` know, else the beginning of an address
 * @param ask.cursor `next` of the page before; one that cannot be that begins at the first page
 */
export async function findCustomers(
  services: Services,
  searches: readonly CustomerSearch[],
  ask: { readonly text: string; readonly cursor?: string | undefined },
): Promise<CustomerPage> {
  const { queries } = services.database;
  const text = ask.text.trim();
  if (text === '') return newest(queries, ask.cursor);
  const accountIds = await accountsOf(services, searches, text);
  const found = accountIds.length === 0 ? [] : await ofAccounts(queries, accountIds);
  if (found.length > 0) return { customers: found, next: undefined };
  return byEmail(queries, text.toLowerCase(), ask.cursor);
}

async function accountsOf(
  services: Services,
  searches: readonly CustomerSearch[],
  text: string,
): Promise<string[]> {
  const matching = searches.filter(({ matches }) => matches.safeParse(text).success);
  const found = await Promise.all(matching.map(({ find }) => find(services, text)));
  return found.flat();
}

function ofAccounts(queries: Queries, accountIds: readonly string[]): Promise<Customer[]> {
  return queries
    .select(shown)
    .from(users)
    .where(inArray(users.accountId, accountIds.slice(0, pageSize)))
    .orderBy(desc(users.id))
    .limit(pageSize);
}

/** An id is made of the time first, so the newest are at the end of the primary key. */
async function newest(queries: Queries, cursor: string | undefined): Promise<CustomerPage> {
  const before = z.uuid().safeParse(cursor).data;
  const rows = await queries
    .select(shown)
    .from(users)
    .where(before === undefined ? undefined : lt(users.id, before))
    .orderBy(desc(users.id))
    .limit(pageSize + 1);
  return pageOf(rows, ({ id }) => id);
}

/** In the order of the addresses: one that is given whole comes first. */
async function byEmail(
  queries: Queries,
  beginning: string,
  cursor: string | undefined,
): Promise<CustomerPage> {
  const after = cursor?.startsWith(beginning) === true ? cursor : undefined;
  // From the index alone, whatever share of all addresses begins so; then the rows of these.
  const ids = queries
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        startsWith(users.email, beginning),
        after === undefined ? undefined : gt(users.email, after),
      ),
    )
    .orderBy(asc(users.email))
    .limit(pageSize + 1)
    .as('ids');
  const rows = await queries
    .select(shown)
    .from(ids)
    .innerJoin(users, eq(users.id, ids.id))
    .orderBy(asc(users.email));
  return pageOf(rows, ({ email }) => email);
}

/** What stands for any text in LIKE stands for itself here. */
function startsWith(column: typeof users.email, beginning: string): SQL {
  return sql`${column} LIKE ${`${beginning.replaceAll(/[!%_]/g, '!$&')}%`} ESCAPE '!'`;
}

/** One row more than a page has was asked for: it tells that there is a next page. */
function pageOf(rows: readonly Customer[], cursorOf: (last: Customer) => string): CustomerPage {
  const customers = rows.slice(0, pageSize);
  const last = customers.at(-1);
  const isMore = rows.length > pageSize && last !== undefined;
  return { customers, next: isMore ? cursorOf(last) : undefined };
}
