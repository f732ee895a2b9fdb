// What the pages of all domains look like.
import { html } from 'ghtml';
import { facts } from '../pages/components/facts.ts';
import { pager } from '../pages/components/pager.ts';
import { table, type Column } from '../pages/components/table.ts';
import { link, moment, text } from '../pages/components/values.ts';
import type { AccountOwner } from '../pages/customers/account-owners.ts';
import type { View } from '../pages/define-page.ts';
import type { Rows } from './rows.ts';

interface Row {
  readonly id: string;
  readonly accountId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

type Value = string | number | boolean | Date | null;

interface Place {
  /** The domain's folder: `line-items`. */
  readonly domain: string;
  /** `line items` */
  readonly things: string;
}

/** A column of a list: its title, and the value of a row. */
export function column<R>(title: string, value: (row: R) => Value): Column<R> {
  return { title, cell: (row) => shown(value(row)) };
}

/** A list of rows: the account it is of, a link to make one more, and the page with its columns. */
export function listView<R extends Row>(
  { rows, next, account }: Rows<R>,
  view: View,
  { domain, things, columns }: Place & { readonly columns: readonly Column<R>[] },
): string {
  const of = encodeURIComponent(account);
  const all: Column<R>[] = [
    { title: 'Id', cell: ({ id, accountId }) => link(pathOf(domain, accountId, id), id) },
    ...columns,
    {
      title: 'Account',
      cell: ({ accountId }) => link(`/admin/data/${domain}?account=${accountId}`, accountId),
    },
    { title: 'Created', cell: ({ createdAt }) => moment(createdAt) },
  ];
  return html`<form method="get" action="${view.path}" class="search" role="search">
      <div class="field">
        <label for="account">Account</label>
        <input
          type="search"
          id="account"
          name="account"
          value="${account}"
          maxlength="254"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          aria-describedby="account-hint"
        />
        <p class="hint" id="account-hint">By its id, or the e-mail address of its user.</p>
      </div>
      <button>Show</button>
    </form>
    !${
      view.may(`data.${domain}.change`)
        ? html`<p><a class="button" href="/admin/data/${domain}/new?account=${of}">New</a></p>`
        : ''
    }
    !${table(rows, all, { caption: capital(things), empty: `There are no ${things} here.` })}
    !${pager(view.path, { account }, next)}`;
}

/** One row: what is known of it, whose it is, and what can be done with it. */
export function rowView(
  { row, owners }: { readonly row: Row; readonly owners: readonly AccountOwner[] },
  view: View,
  { domain, things, values }: Place & { readonly values: readonly (readonly [string, Value])[] },
): string {
  const { id, accountId, createdAt, updatedAt } = row;
  const known = view.may('customers.read') ? owners : [];
  const links = known.map(({ path, label }) => link(path, label));
  return html`!${facts([
    ['Id', text(id)],
    ...values.map(([title, value]) => [title, shown(value)] as const),
    ['Account', link(`/admin/data/${domain}?account=${accountId}`, `${accountId}: its ${things}`)],
    ['Customer', links.length === 0 ? text(null) : links.join(', ')],
    ['Created', moment(createdAt)],
    ['Changed', moment(updatedAt)],
  ])}
  !${
    view.may(`data.${domain}.change`)
      ? html`<p><a class="button" href="${pathOf(domain, accountId, id)}/edit">Change</a></p>`
      : ''
  }
  !${view.form('remove')}`;
}

/** The form of a row that is there, and the way back to it. */
export function editView(
  { id, accountId, updatedAt }: Row,
  view: View,
  { domain, values }: { readonly domain: string; readonly values: Record<string, string> },
): string {
  // The form goes through as long as nobody else has changed the row since.
  const form = view.form('save', { values: { ...values, updatedAt: updatedAt.toISOString() } });
  return html`!${form}
    <p>!${link(pathOf(domain, accountId, id), 'Show it')}</p>`;
}

/** Where a row's page is. */
export function pathOf(domain: string, accountId: string, id: string): `/admin/${string}` {
  return `/admin/data/${domain}/${accountId}/${id}`;
}

function shown(value: Value): string {
  if (value instanceof Date) return moment(value);
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return text(value);
}

function capital(things: string): string {
  return things.charAt(0).toUpperCase() + things.slice(1);
}
