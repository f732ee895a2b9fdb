import { sql, type SQL } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';

/** What is counted exactly; beyond it, it is said to be more. */
const most = 100_000;

/**
 * Counts rows, up to a hundred thousand: a count reads what it counts, and this page is opened all the
 * time.
 *
 * @param rows what is counted, as a statement that gives a row for each: `SELECT 1 FROM …`
 * @returns as it is read: `1,204`, or `more than 100,000`
 */
export async function countRows(queries: Queries, rows: SQL): Promise<string> {
  const [result] = await queries.execute(
    sql`SELECT COUNT(*) AS count FROM (${rows} LIMIT ${most + 1}) AS counted`,
  );
  const [row] = result as unknown as readonly { readonly count: number }[];
  return formatCount(row?.count ?? 0, most);
}

/** A count as it is read, of which no more than `limit` was counted. */
export function formatCount(count: number, limit = most): string {
  return count > limit ? `more than ${group(limit)}` : group(count);
}

function group(value: number): string {
  return value.toLocaleString('en');
}
