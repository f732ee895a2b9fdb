// The addresses that get no mail, whether or not they are a customer's.
import { html } from 'ghtml';
import { z } from 'zod';
import { Email } from '#app/domains/auth/schemas.ts';
import { allowAddress, suppressAddress } from '#app/domains/email/suppression-acts.ts';
import { listSuppressions, type Suppression } from '#app/platform/email/suppressions.ts';
import { actorOf } from '../../operator.ts';
import { renderField } from '../components/form.ts';
import { pager } from '../components/pager.ts';
import { table } from '../components/table.ts';
import { moment, section, text } from '../components/values.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { reasonTexts } from './values.ts';

const pageSize = 50;

const input = z.object({ address: Email });

const allow = defineAction({
  label: 'Allow',
  permission: 'suppressions.change',
  input,
  done: 'Mails are sent to this address again.',
  run: async ({ services: { database }, operator, input: { address } }) => {
    const actor = actorOf(operator);
    await database.transaction((tx) => allowAddress(tx, { address, actor }));
  },
});

const suppress = defineAction({
  label: 'Suppress',
  permission: 'suppressions.change',
  input,
  fields: { address: { kind: 'email', label: 'E-mail address', maxLength: 254 } },
  done: 'No mail is sent to this address any more.',
  run: async ({ services: { database }, operator, input: { address } }) => {
    const act = { address, reason: 'operator', actor: actorOf(operator) } as const;
    await database.transaction((tx) => suppressAddress(tx, act));
  },
});

export const suppressionsPage = defineAdminPage({
  path: '/suppressions',
  title: 'Suppressed addresses',
  navigation: 'Suppressions',
  permission: 'suppressions.read',
  query: z.object({
    q: z.string().trim().max(254).catch(''),
    cursor: z.string().max(254).optional().catch(undefined),
  }),
  load: async ({ services: { database }, query: { q, cursor } }) => {
    // One more than a page has tells that there is a next one.
    const ask = { beginning: q, after: cursor, limit: pageSize + 1 };
    const found = await listSuppressions(database.queries, ask);
    const shown = found.slice(0, pageSize);
    return { q, shown, next: found.length > pageSize ? shown.at(-1)?.address : undefined };
  },
  view: ({ q, shown, next }, view) =>
    html`!${search(q, view.path)}
    !${table(shown, columnsFor(view), {
      caption: 'Addresses that get no mail',
      empty: q === '' ? 'Every address gets mail.' : `No such address begins with “${q}”.`,
    })}
    !${pager(view.path, { q }, next)}
    !${view.may('suppressions.change') ? section('Suppress an address', view.form('suppress')) : ''}`,
  actions: { allow, suppress },
});

function search(q: string, path: string): string {
  return html`<form method="get" action="${path}" role="search" class="filters">
    !${renderField(
      { kind: 'text', label: 'Beginning of the address', optional: true, maxLength: 254 },
      { id: 'search-q', name: 'q', value: q, error: undefined },
    )}
    <button>Search</button>
  </form>`;
}

function columnsFor(view: View) {
  return [
    { title: 'Address', cell: ({ address }: Suppression) => text(address) },
    { title: 'Because', cell: ({ reason }: Suppression) => text(reasonTexts[reason]) },
    { title: 'Since', cell: ({ suppressedAt }: Suppression) => moment(suppressedAt) },
    {
      title: 'Allow',
      cell: ({ address }: Suppression) =>
        view.form('allow', { key: address, values: { address }, about: address }),
    },
  ].filter(({ title }) => title !== 'Allow' || view.may('suppressions.change'));
}
