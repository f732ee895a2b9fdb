// How a list is asked for and answered: a page at a time, filtered, in a total order. A cursor says
// after which row the next page begins; it is opaque to clients, and checked like all other input.
import { z } from 'zod';
import type { Page, PageRequest } from '#app/database/page.ts';

type Schemas = Readonly<Record<string, z.ZodType>>;

/**
 * The query of a list: `limit`, `sort`, `cursor` and the filters.
 *
 * @param sort the columns to sort by, each with the schema of its value in a cursor
 * @param filters the columns to filter by, each with the schema of its parameter
 */
export function listQuery<Sort extends Schemas, Filters extends Schemas>({
  sort,
  filters,
}: {
  sort: Sort & { createdAt: z.ZodType };
  filters: Filters;
}): z.ZodType<PageRequest<keyof Sort & string, keyof Filters & string>> {
  const columns = Object.keys(sort);
  const page = {
    limit: z.coerce.number().int().min(1).max(100).default(20),
    sort: z.enum(columns.flatMap((column) => [column, `-${column}`])).default('-createdAt'),
    cursor: z.string().max(4000).optional().describe('The `nextCursor` of the page before.'),
  };
  // The filters' values are the table's concern: here they are only checked and handed on.
  const query = z.strictObject({ ...page, ...filters }) as unknown as z.ZodObject<typeof page>;
  return query.transform(({ limit, sort: order, cursor, ...equal }, context) => {
    const column = order.replace(/^-/, '');
    const request = { limit, column, descending: order !== column, equal };
    if (cursor === undefined) return request;
    const position = z.tuple([z.literal(order), sort[column] ?? z.never(), z.uuid()]);
    const { success, data } = position.safeParse(read(cursor));
    if (success) return { ...request, after: { value: data[1], id: data[2] } };
    context.addIssue({ code: 'custom', path: ['cursor'], message: 'Not a cursor of this list' });
    return z.NEVER;
  });
}

/** The schema of a page of things. */
export function pageOf<T extends z.ZodType>(thing: T) {
  return z.object({
    data: z.array(thing),
    nextCursor: z.string().nullable().describe('Gives the next page; null on the last.'),
  });
}

/** A page as it is answered, each row by `present`. */
export function presentPage<Row, Wire>(
  { rows, next }: Page<Row>,
  { column, descending }: PageRequest<string, string>,
  present: (row: Row) => Wire,
) {
  const sort = descending ? `-${column}` : column;
  return {
    data: rows.map(present),
    nextCursor: next === undefined ? null : write([sort, next.value, next.id]),
  };
}

function write(cursor: unknown): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function read(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not of our making; the schema refuses it.
    return undefined;
  }
}
