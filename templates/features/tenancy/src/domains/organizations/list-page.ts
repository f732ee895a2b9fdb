/** Which part of a list is asked for. */
interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Reads one page of a list that is in the order of its ids.
 *
 * @param list reads so many rows behind an id
 * @returns the rows, and where the next page begins, if there is one
 */
export async function pageOf<Row>(
  list: (page: { after?: string | undefined; limit: number }) => Promise<Row[]>,
  { limit, cursor }: PageQuery,
  idOf: (row: Row) => string,
): Promise<{ rows: Row[]; nextCursor: string | null }> {
  // One more than asked for tells whether there is a next page.
  const found = await list({ after: cursor, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, nextCursor: last === undefined ? null : idOf(last) };
}
