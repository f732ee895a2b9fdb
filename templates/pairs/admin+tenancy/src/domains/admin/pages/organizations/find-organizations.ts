// Organizations are found by the beginning of their name or slug, each a range of an index, or by an
// id; never by what lies within a text, for which every row would have to be read.
import { asc, desc, eq, inArray, lt, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Queries } from '#app/database/database.ts';
import { organizations } from '#app/domains/organizations/models.ts';
import { notFound } from '#app/http/errors.ts';
import type { Services } from '#app/lifecycle.ts';
import type { CustomerSearch } from '../customers/define-section.ts';

export const pageSize = 50;

export type FoundOrganization = typeof organizations.$inferSelect;

export interface OrganizationList {
  readonly organizations: readonly FoundOrganization[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
}

/** @throws not_found */
export async function readOrganization(
  queries: Queries,
  accountId: string,
): Promise<FoundOrganization> {
  const [found] = await queries
    .select()
    .from(organizations)
    .where(eq(organizations.accountId, accountId));
  if (found === undefined) throw notFound();
  return found;
}

/**
 * A page of organizations: all of them, the newest first; or the first of those that a text leads to.
 *
 * @param ask.text an id in one of the forms that `searches` know, else the beginning of a name or slug
 * @param ask.cursor `next` of the page before; one that cannot be that begins at the first page
 */
export async function findOrganizations(
  services: Services,
  searches: readonly CustomerSearch[],
  ask: { readonly text: string; readonly cursor?: string | undefined },
): Promise<OrganizationList> {
  const { queries } = services.database;
  const text = ask.text.trim();
  if (text === '') return newest(queries, ask.cursor);
  const matching = searches.filter(({ matches }) => matches.safeParse(text).success);
  const ids = (await Promise.all(matching.map(({ find }) => find(services, text)))).flat();
  const found = [
    ...(ids.length === 0 ? [] : await some(queries, inArray(organizations.accountId, ids))),
    ...(await some(queries, startsWith(organizations.slug, slugIn(text)))),
    ...(await some(queries, startsWith(organizations.name, text))),
  ];
  const each = new Map(found.map((organization) => [organization.accountId, organization]));
  return { organizations: [...each.values()].slice(0, pageSize), next: undefined };
}

function some(queries: Queries, where: SQL | undefined): Promise<FoundOrganization[]> {
  return queries
    .select()
    .from(organizations)
    .where(where)
    .orderBy(asc(organizations.name))
    .limit(pageSize);
}

/** An id is made of the time first, so the newest are at the end of the primary key. */
async function newest(queries: Queries, cursor: string | undefined): Promise<OrganizationList> {
  const before = z.uuid().safeParse(cursor).data;
  const rows = await queries
    .select()
    .from(organizations)
    .where(before === undefined ? undefined : lt(organizations.accountId, before))
    .orderBy(desc(organizations.accountId))
    .limit(pageSize + 1);
  const page = rows.slice(0, pageSize);
  return { organizations: page, next: rows.length > pageSize ? page.at(-1)?.accountId : undefined };
}

/** The column takes ASCII alone, and no other text can be compared with it: then there is no slug. */
function slugIn(text: string): string | undefined {
  return /^[a-z0-9-]+$/i.test(text) ? text.toLowerCase() : undefined;
}

/** What stands for any text in LIKE stands for itself here. */
function startsWith(
  column: typeof organizations.name | typeof organizations.slug,
  beginning: string | undefined,
): SQL {
  if (beginning === undefined) return sql`FALSE`;
  return sql`${column} LIKE ${`${beginning.replaceAll(/[!%_]/g, '!$&')}%`} ESCAPE '!'`;
}
