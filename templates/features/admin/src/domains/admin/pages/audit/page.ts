import { html } from 'ghtml';
import { z } from 'zod';
import { renderField, renderForm } from '../components/form.ts';
import { pager } from '../components/pager.ts';
import { defineAdminPage, type Field, type View } from '../define-page.ts';
import { listActions, listEntries } from './entries.ts';
import { entryTable, readNames } from './entry-table.ts';
import { exportForm } from './export-route.ts';
import { auditFilters, type AuditFilters } from './filters.ts';
import { verifyAction } from './verify-action.ts';

const path = '/admin/audit';

export const auditPage = defineAdminPage({
  path: '/audit',
  title: 'Audit log',
  navigation: 'Audit log',
  permission: 'audit.read',
  query: auditFilters.extend({
    cursor: z.coerce.number().int().positive().optional().catch(undefined),
  }),
  async load({ services: { database }, query: { cursor, ...filters } }) {
    const [{ entries, next }, actions] = await Promise.all([
      listEntries(database.queries, filters, cursor),
      listActions(database.queries),
    ]);
    const names = await readNames(database.queries, entries);
    return { filters, actions, entries, next, names };
  },
  view: ({ filters, actions, entries, next, names }, view) =>
    [
      renderFilters(filters, actions),
      entryTable(entries, names, 'Nothing is recorded that these filters let through.'),
      pager(path, filters, next?.toString()),
      html`<div class="actions">!${view.form('verify')} !${renderExport(filters, view)}</div>`,
    ].join(''),
  actions: { verify: verifyAction },
});

function renderFilters(filters: AuditFilters, actions: readonly string[]): string {
  const known = new Set([...actions, ...(filters.action === undefined ? [] : [filters.action])]);
  const options = [...known].map((action) => ({ value: action, label: action }));
  const fields: Readonly<Record<keyof AuditFilters, Field>> = {
    actor: { kind: 'text', label: 'Who', optional: true },
    action: {
      kind: 'select',
      label: 'What',
      options: [{ value: '', label: 'Anything' }, ...options],
      optional: true,
    },
    subject: { kind: 'text', label: 'To whom', optional: true },
    from: { kind: 'date', label: 'From', optional: true },
    to: { kind: 'date', label: 'To', optional: true },
  };
  const names = ['actor', 'action', 'subject', 'from', 'to'] as const;
  return html`<p class="hint">
      Who and to whom, with the id: <code>user:…</code>, <code>account:…</code> or
      <code>admin:…</code>; who ran a command is <code>operator:…</code>
    </p>
    <form method="get" action="${path}" class="filters">
      !${names.map((name) =>
        renderField(fields[name], {
          id: `filter-${name}`,
          name,
          value: filters[name] ?? '',
          error: undefined,
        }),
      )}
      <button>Filter</button> <a href="${path}">All</a>
    </form>`;
}

/** What is shown is what is exported. */
function renderExport(filters: AuditFilters, view: View): string {
  if (!view.may(exportForm.permission)) return '';
  return renderForm({
    name: 'export',
    action: exportForm,
    path,
    operator: view.operator,
    attempt: undefined,
    options: { values: filters },
  });
}
