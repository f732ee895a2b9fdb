// Entries of the audit log as a table, with names where the log has ids.
import { inArray } from 'drizzle-orm';
import { html } from 'ghtml';
import type { Queries } from '#app/database/database.ts';
import { adminUsers } from '../../models.ts';
import { table } from '../components/table.ts';
import { link, moment, text } from '../components/values.ts';
import type { AuditEntry } from './entries.ts';
import { auditPath } from './filters.ts';

/** E-mail addresses by what the log calls an operator: `admin:<id>`. */
export type OperatorNames = ReadonlyMap<string, string>;

/** The names of the operators whom entries speak of. */
export async function readNames(
  queries: Queries,
  entries: readonly AuditEntry[],
): Promise<OperatorNames> {
  const ids = entries
    .flatMap(({ actor, operator, subject }) => [actor, operator, subject])
    .map((each) => idOf('admin', each))
    .filter((id) => id !== undefined);
  if (ids.length === 0) return new Map();
  const rows = await queries
    .select({ id: adminUsers.id, email: adminUsers.email })
    .from(adminUsers)
    .where(inArray(adminUsers.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, email }) => [`admin:${id}`, email]));
}

export function entryTable(
  entries: readonly AuditEntry[],
  names: OperatorNames,
  empty: string,
): string {
  const columns = [
    { title: 'When', cell: ({ at }: AuditEntry) => moment(at) },
    {
      title: 'Who',
      cell: ({ actor, operator }: AuditEntry) =>
        operator === null
          ? whom(actor, names)
          : html`!${whom(operator, names)} in the place of !${whom(actor, names)}`,
    },
    { title: 'What', cell: ({ action }: AuditEntry) => html`<code>${action}</code>` },
    { title: 'To whom', cell: ({ subject }: AuditEntry) => whom(subject, names) },
    { title: 'Detail', cell: ({ detail }: AuditEntry) => renderDetail(detail) },
    { title: 'Request', cell: ({ requestId }: AuditEntry) => text(requestId) },
  ];
  return table(entries, columns, { caption: 'Entries of the audit log', empty });
}

function whom(name: string | null, names: OperatorNames): string {
  const userId = idOf('user', name);
  if (userId !== undefined) return link(`/admin/customers/${userId}`, `user:${userId}`);
  const operator = names.get(name ?? '');
  // Their id is what all that they did is found by.
  if (name !== null && operator !== undefined) return link(auditPath({ actor: name }), operator);
  return text(name);
}

/** The id in `user:<id>` and the like. What has another form is no address to link to. */
function idOf(kind: string, name: string | null): string | undefined {
  const [, found, id] = /^(\w+):([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.exec(name ?? '') ?? [];
  return found === kind ? id : undefined;
}

function renderDetail(detail: string | null): string {
  if (detail === null) return text(null);
  const entries = parseDetail(detail);
  if (entries === undefined) return text(detail);
  if (entries.length === 0) return text(null);
  return html`<ul class="detail">
    !${entries.map(([key, value]) => html`<li>${key}: ${readable(value)}</li>`)}
  </ul>`;
}

/** Nothing where somebody has made it something else than was written. */
function parseDetail(detail: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

function readable(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
