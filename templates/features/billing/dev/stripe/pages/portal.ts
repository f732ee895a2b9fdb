import { html } from 'ghtml';
import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { money } from '../money.ts';
import { payInvoice } from '../resources/invoices.ts';
import { findSubscription, updateSubscription } from '../resources/subscriptions.ts';
import { idOf, type State } from '../state.ts';
import { dateOf, errorLine, page } from './layout.ts';
import type { Page } from './page.ts';

export const portalPage: Page = {
  show: ({ state }, id, error) => {
    const { customer, return_url: back } = findPortal(state, id);
    const subscriptions = [...state.subscriptions.values()].filter(
      (subscription) => subscription.customer === customer,
    );
    const invoices = [...state.invoices.values()].filter(
      (invoice) => invoice.customer === customer,
    );
    return page(
      'Your subscription',
      html`!${errorLine(error)} !${subscriptions.length === 0 ? html`<p>There is none.</p>` : ''}
        <ul>
          !${subscriptions.map((subscription) => subscriptionItem(state, subscription)).join('')}
        </ul>
        <h2>Card</h2>
        !${cardForm(state, customer)}
        <h2>Invoices</h2>
        <ul>
          !${invoices.toReversed().map(invoiceItem).join('')}
        </ul>
        !${back === null ? '' : html`<p><a href="${back}">Return</a></p>`}`,
    );
  },
  act: ({ state }, id, { action, target, choice }) => {
    const { customer } = findPortal(state, id);
    if (action === 'decline') state.cards.set(customer, 'declines');
    if (action === 'accept') state.cards.delete(customer);
    if (!['cancel', 'resume', 'change'].includes(action)) return undefined;
    const subscription = findSubscription(state, target);
    if (subscription.customer !== customer) throw missing('subscription', target);
    if (action === 'change') {
      changePlan(state, subscription, choice);
      return undefined;
    }
    const ends = String(action === 'cancel');
    updateSubscription(state, subscription, { cancel_at_period_end: ends });
    return undefined;
  },
};

function findPortal(state: State, id: string): Stripe.BillingPortal.Session {
  const session = state.portalSessions.get(id);
  if (!session) throw missing('billing_portal.session', id);
  return session;
}

function subscriptionItem(state: State, subscription: Stripe.Subscription): string {
  const { id, status, items, currency, cancel_at: cancelAt } = subscription;
  const [item] = items.data;
  if (!item) return '';
  const amount = (item.price.unit_amount ?? 0) * (item.quantity ?? 1);
  const name = state.products.get(idOf(item.price.product))?.name ?? item.price.id;
  const [action, label] = cancelAt === null ? ['cancel', 'Cancel'] : ['resume', 'Do not cancel'];
  const date = dateOf(cancelAt ?? item.current_period_end);
  const next = `${cancelAt === null ? 'Renews' : 'Ends'} on ${date}`;
  const isOver = status === 'canceled';
  return html`<li>
    <h3>${item.quantity ?? 1} × ${name}</h3>
    <p>${money(amount, currency)} each ${item.price.recurring?.interval ?? 'month'}, ${status}</p>
    !${
      isOver
        ? ''
        : html`<p>${next}</p>
            <form method="post">
              <input type="hidden" name="target" value="${id}" />
              <button name="action" value="${action}">${label}</button>
            </form>
            !${changeForm(state, subscription)}`
    }
  </li>`;
}

/** The plans that are sold, but for the one that is had, where it can be changed. */
function changeForm(state: State, { id, status, items }: Stripe.Subscription): string {
  const [item] = items.data;
  const others = [...state.prices.values()].filter(
    (price) => price.active && price.lookup_key !== null && price.id !== item?.price.id,
  );
  if (!['active', 'trialing'].includes(status) || others.length === 0) return '';
  const options = others.map((price) => {
    const name = state.products.get(idOf(price.product))?.name ?? price.id;
    const each = `${money(price.unit_amount ?? 0, price.currency)} each ${price.recurring?.interval ?? 'month'}`;
    return html`<option value="${price.id}">${name}, ${each}</option>`;
  });
  return html`<form method="post">
    <input type="hidden" name="target" value="${id}" />
    <label for="to-${id}">Another plan</label>
    <select id="to-${id}" name="choice">
      !${options.join('')}
    </select>
    <button name="action" value="change">Change</button>
  </form>`;
}

/** Whoever is on this page can confirm a payment where their bank asks for that. */
function changePlan(state: State, subscription: Stripe.Subscription, price: string): void {
  const asks = state.cards.get(idOf(subscription.customer)) === 'asks';
  updateSubscription(state, subscription, {
    items: [{ id: subscription.items.data[0]?.id, price }],
    proration_behavior: 'always_invoice',
    ...(!asks && { payment_behavior: 'error_if_incomplete' }),
  });
  const latest = state.invoices.get(idOf(subscription.latest_invoice));
  if (asks && latest?.status === 'open') payInvoice(state, latest, true);
}

function cardForm(state: State, customer: string): string {
  const declines = state.cards.get(customer) === 'declines';
  const [action, label] = declines
    ? ['accept', 'Use a card that pays']
    : ['decline', 'Use a card that is declined'];
  return html`<p>${declines ? 'It is declined.' : 'Visa, ends in 4242'}</p>
    <form method="post"><button name="action" value="${action}">${label}</button></form>`;
}

function invoiceItem({ id, number, status, total, currency, created }: Stripe.Invoice): string {
  return html`<li>
    <a href="/invoices/${id}">${number ?? id}</a>: ${money(total, currency)}, ${status ?? ''},
    ${dateOf(created)}
  </li>`;
}
