import { and, asc, eq, gt, gte, lt, lte, sql, type SQL } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Head, Link } from './chain.ts';
import { auditHead, auditLog } from './models.ts';

/** An entry with the hash that it was given. */
export interface StoredEntry extends Link {
  readonly hash: Buffer;
}

/** What a `StoredEntry` is selected by. */
export const entryColumns = {
  id: auditLog.id,
  at: auditLog.at,
  actor: auditLog.actor,
  operator: auditLog.operator,
  action: auditLog.action,
  subject: auditLog.subject,
  // As it is stored, and not as an object made from that.
  detail: sql<string | null>`${auditLog.detail}`,
  requestId: auditLog.requestId,
  hash: auditLog.hash,
};

/** Few enough to be held in memory, many enough to be read fast. */
const batch = 1000;

/** @returns nothing where nothing was recorded yet */
export async function readHead({ queries }: Pick<Database, 'queries'>): Promise<Head | undefined> {
  const [head] = await queries
    .select({ sequence: auditHead.sequence, hash: auditHead.hash })
    .from(auditHead);
  return head;
}

/**
 * Reads the log from its beginning, a batch at a time.
 *
 * @param range.since the first moment whose entries are read; `until` the first whose are not
 * @param range.last the last entry that is read
 */
export async function* readEntries(
  { queries }: Pick<Database, 'queries'>,
  range: {
    readonly since?: Date | undefined;
    readonly until?: Date | undefined;
    readonly last?: number;
  } = {},
): AsyncGenerator<StoredEntry[]> {
  const { since, until, last } = range;
  const within: (SQL | undefined)[] = [
    since && gte(auditLog.at, since),
    until && lt(auditLog.at, until),
    last === undefined ? undefined : lte(auditLog.id, last),
  ];
  for (let after = -1; ;) {
    const entries = await queries
      .select(entryColumns)
      .from(auditLog)
      .where(and(gt(auditLog.id, after), ...within))
      .orderBy(asc(auditLog.id))
      .limit(batch);
    if (entries.length > 0) yield entries;
    if (entries.length < batch) return;
    after = entries.at(-1)?.id ?? after;
  }
}

/** The head, and the last entry that there is: as both are at one moment. */
export async function readEnd({
  queries,
}: Pick<Database, 'queries'>): Promise<{ head: Head | undefined; last: number }> {
  const [end] = await queries
    .select({
      last: sql`(SELECT COALESCE(MAX(${auditLog.id}), 0) FROM ${auditLog})`.mapWith(Number),
      head: { sequence: auditHead.sequence, hash: auditHead.hash },
    })
    .from(sql`(SELECT 1) AS one`)
    .leftJoin(auditHead, eq(auditHead.id, 1));
  return { head: end?.head ?? undefined, last: end?.last ?? 0 };
}
