import { html } from 'ghtml';
import { z } from 'zod';
import { pager } from '../components/pager.ts';
import { table } from '../components/table.ts';
import { link, moment, state, text } from '../components/values.ts';
import type { CustomerSearch } from '../customers/define-section.ts';
import { searches } from '../customers/searches.ts';
import { defineAdminPage } from '../define-page.ts';
import {
  findOrganizations,
  type FoundOrganization,
  type OrganizationList,
} from './find-organizations.ts';

const path = '/admin/organizations';
const all: readonly CustomerSearch[] = Object.values(searches);

export const organizationsPage = defineAdminPage({
  path: '/organizations',
  title: 'Organizations',
  navigation: 'Organizations',
  permission: 'organizations.read',
  query: z.object({
    q: z.string().trim().default(''),
    cursor: z.string().optional(),
  }),
  load: async ({ services, query: { q, cursor } }) => ({
    q,
    found: await findOrganizations(services, all, { text: q, cursor }),
  }),
  view: ({ q, found }) => `${renderSearch(q)}${renderResults(q, found)}`,
});

function renderSearch(q: string): string {
  const hints = ['name or slug, or its beginning', ...all.map(({ hint }) => hint)];
  return html`<form method="get" action="${path}" role="search" class="search">
    <div class="field">
      <label for="q">Search</label>
      <input
        type="search"
        id="q"
        name="q"
        value="${q}"
        maxlength="254"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="q-hint"
        hx-get="${path}"
        hx-trigger="input changed delay:300ms, search"
        hx-sync="this:replace"
        hx-target="#results"
        hx-select="#results"
        hx-swap="outerHTML"
        hx-push-url="true"
      />
      <p class="hint" id="q-hint">By ${hints.join(', ')}.</p>
    </div>
    <button>Search</button>
  </form>`;
}

function renderResults(q: string, { organizations, next }: OrganizationList): string {
  const count = organizations.length;
  return html`<div id="results">
    <p class="unseen" role="status">${count === 1 ? '1 organization' : `${count} organizations`}</p>
    !${table(organizations, columns, {
      caption: 'Organizations',
      empty: q === '' ? 'There is no organization yet.' : `No organization is found by “${q}”.`,
    })}
    !${pager(path, { q }, next)}
  </div>`;
}

const columns = [
  {
    title: 'Name',
    cell: ({ accountId, name }: FoundOrganization) =>
      link(`/admin/organizations/${accountId}`, name),
  },
  { title: 'Slug', cell: ({ slug }: FoundOrganization) => text(slug) },
  { title: 'State', cell: organizationState },
  { title: 'Created', cell: ({ createdAt }: FoundOrganization) => moment(createdAt) },
  {
    title: 'Account',
    cell: ({ accountId }: FoundOrganization) => html`<code>!${text(accountId)}</code>`,
  },
];

export function organizationState({ state: is }: Pick<FoundOrganization, 'state'>): string {
  return is === 'active' ? state('active', 'good') : state('being removed', 'bad');
}
