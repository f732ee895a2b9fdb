// The audit log as it is read in the admin area: the newest entries first, each filter by an index of
// its own.
import { and, asc, desc, eq, gte, lt, sql, type SQL } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import { auditLog } from '#app/platform/audit/models.ts';
import { momentsOf, type AuditFilters } from './filters.ts';

export interface AuditEntry {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  /** Who acted in the actor's place. */
  readonly operator: string | null;
  readonly action: string;
  readonly subject: string | null;
  /** As it is stored, which is JSON unless somebody has changed it. */
  readonly detail: string | null;
  readonly requestId: string | null;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins, if there is one. */
  readonly next: number | undefined;
}

export const pageSize = 50;

/** @param before the entry that the page before ended with */
export async function listEntries(
  queries: Queries,
  filters: AuditFilters,
  before?: number,
): Promise<AuditPage> {
  const { actor, action, subject } = filters;
  const common = [
    before === undefined ? undefined : lt(auditLog.id, before),
    action === undefined ? undefined : eq(auditLog.action, action),
    subject === undefined ? undefined : eq(auditLog.subject, subject),
    ...(await within(queries, filters)),
  ];
  const by =
    actor === undefined ? [undefined] : [eq(auditLog.actor, actor), eq(auditLog.operator, actor)];
  const alternatives = by.map((each) => and(each, ...common));
  const rows = await newestOf(queries, alternatives, pageSize + 1);
  const entries = rows.slice(0, pageSize);
  return { entries, next: rows.length > pageSize ? entries.at(-1)?.id : undefined };
}

/**
 * The newest entries of those that one of several conditions is true of. Each is asked for by itself:
 * together they would be no range of any index.
 */
export async function newestOf(
  queries: Queries,
  alternatives: readonly (SQL | undefined)[],
  limit: number,
): Promise<AuditEntry[]> {
  const found = await Promise.all(
    alternatives.map((condition) =>
      queries
        .select({
          id: auditLog.id,
          at: auditLog.at,
          actor: auditLog.actor,
          operator: auditLog.operator,
          action: auditLog.action,
          subject: auditLog.subject,
          detail: sql<string | null>`${auditLog.detail}`,
          requestId: auditLog.requestId,
        })
        .from(auditLog)
        .where(condition)
        .orderBy(desc(auditLog.id))
        .limit(limit),
    ),
  );
  const unique = new Map(found.flat().map((entry) => [entry.id, entry]));
  return [...unique.values()].toSorted((a, b) => b.id - a.id).slice(0, limit);
}

/** The actions that there are: read from the index, one entry each. */
export async function listActions(queries: Queries): Promise<string[]> {
  const rows = await queries
    .selectDistinct({ action: auditLog.action })
    .from(auditLog)
    .orderBy(asc(auditLog.action));
  return rows.map(({ action }) => action);
}

/**
 * Days as a range of entries. Entries are numbered in the order of their times (`appendEntries`), so
 * that this goes along with every other filter.
 */
async function within(queries: Queries, filters: AuditFilters): Promise<(SQL | undefined)[]> {
  const { since, until } = momentsOf(filters);
  const [first, end] = await Promise.all([firstSince(queries, since), firstSince(queries, until)]);
  return [
    since === undefined ? undefined : gte(auditLog.id, first ?? Number.MAX_SAFE_INTEGER),
    end === undefined ? undefined : lt(auditLog.id, end),
  ];
}

async function firstSince(queries: Queries, moment: Date | undefined): Promise<number | undefined> {
  if (moment === undefined) return undefined;
  const [entry] = await queries
    .select({ id: auditLog.id })
    .from(auditLog)
    .where(gte(auditLog.at, moment))
    .orderBy(asc(auditLog.at), asc(auditLog.id))
    .limit(1);
  return entry?.id;
}
