import { z } from 'zod';

/** What is left empty in the form is not asked for; what cannot be is left out. */
const text = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();
/** The column takes ASCII alone, and no other text can be compared with it. */
const ascii = z
  .string()
  .trim()
  .regex(/^[\x20-\x7e]*$/)
  .transform((value) => value || undefined)
  .optional()
  .catch(undefined);
const day = z.iso.date().optional().catch(undefined);

/** Which entries of the audit log are shown. */
export const auditFilters = z.object({
  /** Who did it, in their own place or another's. */
  actor: text,
  action: ascii,
  subject: text,
  /** Days in UTC, both included. */
  from: day,
  to: day,
});

export type AuditFilters = z.output<typeof auditFilters>;

/** The moments between which the days of a filter lie: the first one, and the first one after them. */
export function momentsOf({ from, to }: Pick<AuditFilters, 'from' | 'to'>): {
  readonly since: Date | undefined;
  readonly until: Date | undefined;
} {
  return {
    since: from === undefined ? undefined : new Date(from),
    until: to === undefined ? undefined : dayAfter(to),
  };
}

function dayAfter(last: string): Date {
  const date = new Date(last);
  date.setUTCDate(date.getUTCDate() + 1);
  return date;
}

/** The address of the page with these filters. */
export function auditPath(filters: Partial<AuditFilters>): `/admin${string}` {
  const given = Object.entries(filters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `/admin/audit?${new URLSearchParams(given).toString()}`;
}
