import { html } from 'ghtml';
import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { money } from '../money.ts';
import { intentOf } from '../resources/invoice-life.ts';
import { idOf, type State } from '../state.ts';
import { dateOf, errorLine, page } from './layout.ts';
import type { Page, PageContext } from './page.ts';
import { makeTrouble, troubleForm } from './trouble.ts';

/** How many of each are shown, the newest first. */
const shown = 20;

export const dashboardPage: Page = {
  show: (context, _id, error) => {
    const { state } = context;
    return page(
      'What Stripe would know',
      html`!${errorLine(error)}
        <p>
          It is ${dateOf(state.now())} here. All of this is made up, and kept in
          <code>.shipkit/local/fakeStripe</code>: delete that to begin anew.
        </p>
        <form method="post">
          <button name="action" value="day">Advance a day</button>
          <button name="action" value="month">Advance a month</button>
        </form>
        <p class="hint">
          Grace after a failed payment goes by the clock of the database, which this does not move:
          <code>dev/stripe/README.md</code> says how to see it end.
        </p>
        !${section('Customers', state.customers, (customer) => customerItem(state, customer))}
        !${section('Subscriptions', state.subscriptions, (it) => subscriptionItem(state, it))}
        !${section('Invoices', state.invoices, invoiceItem)}
        !${section('Payments', state.charges, chargeItem)}
        !${section('Refunds', state.refunds, refundItem)}
        !${section('Debits on their way', debitsOf(state), debitItem)}
        !${troubleForm(context.stripe)}
        !${section('Events', state.events, (event) => eventItem(context, event))}`,
    );
  },
  act: (context, _id, { action, target }) => {
    perform(context, action, target);
    return undefined;
  },
};

function perform({ state, stripe }: PageContext, action: string, target: string): void {
  makeTrouble[action]?.(stripe);
  if (action === 'day') stripe.advance({ days: 1 });
  if (action === 'month') stripe.advance({ days: 31 });
  if (action === 'decline') stripe.declineCards(target);
  if (action === 'accept') stripe.acceptCards(target);
  if (action === 'ask') stripe.askForConfirmation(target);
  if (action === 'refund') stripe.refunds.create(target);
  if (action === 'dispute') stripe.disputes.open(target);
  if (action === 'cancel') stripe.subscriptions.cancel(target);
  if (action === 'fail-refund') stripe.refunds.fail(target);
  if (action === 'debit-succeeded') stripe.finishDelayedPayment(target, 'succeeded');
  if (action === 'debit-failed') stripe.finishDelayedPayment(target, 'failed');
  if (action === 'resend') {
    const event = state.events.get(target);
    if (!event) throw missing('event', target);
    stripe.webhooks.send(event);
  }
}

function section<T>(
  title: string,
  objects: ReadonlyMap<string, T>,
  item: (object: T) => string,
): string {
  const newest = [...objects.values()].toReversed();
  const more = newest.length - shown;
  return html`<h2>${title}</h2>
    !${newest.length === 0 ? html`<p class="hint">None yet</p>` : ''}
    <ul>
      !${newest.slice(0, shown).map(item).join('')}
    </ul>
    !${more > 0 ? html`<p class="hint">and ${more} older</p>` : ''}`;
}

function buttons(target: string, actions: readonly (readonly [string, string])[]): string {
  // Each is named by what it acts on, too: a screen reader lists buttons without what is around.
  const pressable = actions.map(
    ([action, label]) =>
      html`<button name="action" value="${action}" aria-label="${label}: ${target}">
        ${label}
      </button>`,
  );
  return html`<form method="post">
    <input type="hidden" name="target" value="${target}" />
    !${pressable.join('')}
  </form>`;
}

function customerItem(state: State, { id, email }: Stripe.Customer): string {
  const card = state.cards.get(id);
  return html`<li>
    <h3>${email ?? id}</h3>
    <p class="hint">${id}</p>
    !${card === 'declines' ? html`<p>Cards are declined.</p>` : ''}
    !${card === 'asks' ? html`<p>The bank wants each payment confirmed.</p>` : ''}
    !${buttons(
      id,
      card === undefined
        ? [
            ['decline', 'Decline cards from now on'],
            ['ask', 'Ask to confirm each payment'],
          ]
        : [['accept', 'Let cards pay']],
    )}
  </li>`;
}

function subscriptionItem(state: State, subscription: Stripe.Subscription): string {
  const { id, customer, status, items } = subscription;
  const names = items.data.map(
    ({ price, quantity = 1 }) => `${quantity} × ${price.nickname ?? ''}`,
  );
  const end = items.data[0]?.current_period_end ?? 0;
  const owner = state.customers.get(idOf(customer))?.email ?? idOf(customer);
  return html`<li>
    <h3>${names.join(', ')}, ${status}</h3>
    <p>${owner}, paid until ${dateOf(end)}</p>
    <p class="hint">${id}</p>
    !${status === 'canceled' ? '' : buttons(id, [['cancel', 'Cancel at once']])}
  </li>`;
}

function invoiceItem({ id, number, status, total, currency, created }: Stripe.Invoice): string {
  return html`<li>
    <a href="/invoices/${id}">${number ?? id}</a>: ${money(total, currency)}, ${status ?? ''},
    ${dateOf(created)}
  </li>`;
}

function chargeItem(charge: Stripe.Charge): string {
  const { id, amount, amount_refunded: refunded, currency, status, disputed } = charge;
  const canChange = status === 'succeeded' && !disputed && refunded < amount;
  return html`<li>
    <h3>${money(amount, currency)}, ${disputed ? 'disputed' : status}</h3>
    !${refunded > 0 ? html`<p>Given back: ${money(refunded, currency)}</p>` : ''}
    <p class="hint">${id}</p>
    !${
      canChange
        ? buttons(id, [
            ['refund', 'Refund'],
            ['dispute', 'Dispute'],
          ])
        : ''
    }
  </li>`;
}

function refundItem({ id, amount, currency, status }: Stripe.Refund): string {
  return html`<li>
    <h3>${money(amount, currency)}, ${status ?? ''}</h3>
    <p class="hint">${id}</p>
    !${status === 'failed' ? '' : buttons(id, [['fail-refund', 'Let it fail']])}
  </li>`;
}

/** The checkouts whose payment is not known to have gone well or not. */
function debitsOf(state: State): Map<string, Stripe.Checkout.Session> {
  const waiting = [...state.sessions].filter(([, session]) => {
    const invoice = state.invoices.get(idOf(session.invoice));
    return invoice !== undefined && intentOf(state, invoice)?.status === 'processing';
  });
  return new Map(waiting);
}

function debitItem({ id, amount_total: amount, currency }: Stripe.Checkout.Session): string {
  return html`<li>
    <h3>${money(amount ?? 0, currency ?? 'usd')}</h3>
    <p class="hint">${id}</p>
    !${buttons(id, [
      ['debit-succeeded', 'It arrived'],
      ['debit-failed', 'It failed'],
    ])}
  </li>`;
}

function eventItem({ stripe }: PageContext, { id, type }: Stripe.Event): string {
  const attempts = stripe.webhooks.attempts.filter(({ event }) => event === id);
  const answers = attempts.map(({ status }) => status ?? 'no answer').join(', ');
  return html`<li>
    <h3>${type}</h3>
    <p class="hint">${id}, ${answers === '' ? 'not sent' : `answered ${answers}`}</p>
    !${buttons(id, [['resend', 'Send again']])}
  </li>`;
}
