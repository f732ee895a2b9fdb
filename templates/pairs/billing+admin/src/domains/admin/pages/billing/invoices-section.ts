import { html } from 'ghtml';
import type { Invoice } from '#app/domains/billing/invoices/invoices.ts';
import { table } from '../components/table.ts';
import { moment, state, text } from '../components/values.ts';
import { defineAccountSection } from '../customers/define-section.ts';
import { money, outwardLink } from './values.ts';

/** Invoices that are listed, the newest first. */
const shown = 20;

export const invoicesSection = defineAccountSection({
  title: 'Invoices',
  permission: 'customers.read',
  load: ({ billing }, { accountId }) => billing.invoices.list(accountId, { limit: shown }),
  view: ({ invoices, next }) =>
    html`!${table(
      invoices,
      [
        { title: 'Number', cell: ({ number }) => text(number) },
        { title: 'Status', cell: ({ status }) => state(status, moods[status]) },
        { title: 'Amount', cell: ({ total, currency }) => money(total, currency), align: 'end' },
        { title: 'Issued', cell: ({ issuedAt }) => moment(issuedAt) },
        { title: 'Page', cell: ({ hostedUrl }) => outwardLink(hostedUrl, 'At Stripe') },
      ],
      { caption: 'Invoices', empty: 'There is no invoice.' },
    )}
    !${next === undefined ? '' : html`<p class="hint">Older ones are at Stripe.</p>`}`,
});

const moods: Partial<Record<Invoice['status'], 'good' | 'bad'>> = {
  paid: 'good',
  open: 'bad',
  uncollectible: 'bad',
};
