import { html } from 'ghtml';
import { money } from '../money.ts';
import { findCharge } from '../resources/charges.ts';
import { findInvoice, payInvoice } from '../resources/invoices.ts';
import { dateOf, errorLine, page } from './layout.ts';
import type { Page } from './page.ts';

export const invoicePage: Page = {
  show: ({ state }, id, error) => {
    const invoice = findInvoice(state, id);
    const lines = invoice.lines.data.map(
      ({ description, amount, currency }) =>
        html`<li>${description ?? ''}: ${money(amount, currency)}</li>`,
    );
    const pay = html`<form class="stack" method="post">
      <button class="main" name="action" value="pay">Pay</button>
    </form>`;
    return page(
      `Invoice ${invoice.number ?? ''}`,
      html`!${errorLine(error)}
        <p class="amount">${money(invoice.total, invoice.currency)}</p>
        <p>${invoice.status ?? ''}, of ${dateOf(invoice.created)}</p>
        <ul>
          !${lines.join('')}
        </ul>
        !${invoice.status === 'open' ? pay : ''}`,
    );
  },
  act: ({ state }, id) => {
    payInvoice(state, findInvoice(state, id), true);
    return undefined;
  },
};

export const receiptPage: Page = {
  show: ({ state }, id) => {
    const { amount, amount_refunded: refunded, currency, created } = findCharge(state, id);
    return page(
      'Receipt',
      html`<p class="amount">${money(amount, currency)}</p>
        <p>Received on ${dateOf(created)}</p>
        !${refunded > 0 ? html`<p>Given back: ${money(refunded, currency)}</p>` : ''}`,
    );
  },
};
