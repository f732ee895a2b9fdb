import { html } from 'ghtml';
import { z } from 'zod';
import { pager } from '../components/pager.ts';
import { table } from '../components/table.ts';
import { link, moment, state, text } from '../components/values.ts';
import { defineAdminPage } from '../define-page.ts';
import { findCustomers, type CustomerPage } from './find-customers.ts';
import type { Customer, CustomerSearch } from './define-section.ts';
import { searches } from './searches.ts';

const path = '/admin/customers';
const all: readonly CustomerSearch[] = Object.values(searches);

export const customersPage = defineAdminPage({
  path: '/customers',
  title: 'Customers',
  navigation: 'Customers',
  permission: 'customers.read',
  query: z.object({
    q: z.string().trim().default(''),
    cursor: z.string().optional(),
  }),
  load: async ({ services, query: { q, cursor } }) => ({
    q,
    page: await findCustomers(services, all, { text: q, cursor }),
  }),
  view: ({ q, page }) => `${renderSearch(q)}${renderResults(q, page)}`,
});

/** Searches while it is typed in; without a script, when it is sent. */
function renderSearch(q: string): string {
  const hints = ['e-mail address, or its beginning', ...all.map(({ hint }) => hint)];
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

function renderResults(q: string, { customers, next }: CustomerPage): string {
  return html`<div id="results">
    <p class="unseen" role="status">${countOf(customers.length, next !== undefined)}</p>
    !${table(customers, columns, {
      caption: 'Customers',
      empty: q === '' ? 'Nobody has registered yet.' : `No customer is found by “${q}”.`,
    })}
    !${pager(path, { q }, next)}
  </div>`;
}

function countOf(count: number, isMore: boolean): string {
  if (isMore) return `${count} customers, and there are more`;
  return count === 1 ? '1 customer' : `${count} customers`;
}

const columns = [
  {
    title: 'E-mail',
    cell: ({ id, email }: Customer) => link(`/admin/customers/${id}`, email),
  },
  {
    title: 'Verified',
    cell: ({ emailVerifiedAt }: Customer) =>
      emailVerifiedAt === null ? state('no') : state('yes', 'good'),
  },
  { title: 'Registered', cell: ({ createdAt }: Customer) => moment(createdAt) },
  { title: 'Account', cell: ({ accountId }: Customer) => html`<code>!${text(accountId)}</code>` },
];
