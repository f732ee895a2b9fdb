import { and, asc, eq, gt, gte, lt, lte, or, sql, type SQL } from 'drizzle-orm';
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

/** Which entries are read; without any of it, all. */
export interface EntryRange {
  /** The first moment whose entries are read; `until` the first whose are not. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** The entry behind which it begins; `last` the last one that is read. */
  readonly after?: number;
  readonly last?: number;
  /** Who did it, in their own place or another's. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
}

/** Reads the log from its beginning, a batch at a time. */
export async function* readEntries(
  { queries }: Pick<Database, 'queries'>,
  { after: first = -1, ...range }: EntryRange = {},
): AsyncGenerator<StoredEntry[]> {
  const { since, until, last, actor, action, subject } = range;
  const within: (SQL | undefined)[] = [
    since && gte(auditLog.at, since),
    until && lt(auditLog.at, until),
    last === undefined ? undefined : lte(auditLog.id, last),
    actor === undefined ? undefined : or(eq(auditLog.actor, actor), eq(auditLog.operator, actor)),
    action === undefined ? undefined : eq(auditLog.action, action),
    subject === undefined ? undefined : eq(auditLog.subject, subject),
  ];
  for (let after = first; ;) {
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

/** An entry as a line of JSON. Detail stays text: written anew, it might have another hash. */
export function lineOf({ hash, ...entry }: StoredEntry): string {
  return `${JSON.stringify({ ...entry, hash: hash.toString('hex') })}\n`;
}

/** The hash that an entry has, if there is such an entry. */
export async function readHash(
  { queries }: Pick<Database, 'queries'>,
  id: number,
): Promise<Buffer | undefined> {
  const [entry] = await queries
    .select({ hash: auditLog.hash })
    .from(auditLog)
    .where(eq(auditLog.id, id));
  return entry?.hash;
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
