import { html } from 'ghtml';
import type { Stripe } from 'stripe';
import { findSession, expireSession } from '../resources/checkout.ts';
import { payCheckout } from '../resources/checkout-payment.ts';
import { money } from '../money.ts';
import { idOf, type State } from '../state.ts';
import { errorLine, page } from './layout.ts';
import type { Page } from './page.ts';

export const checkoutPage: Page = {
  show: ({ state }, id, error) => {
    const session = findSession(state, id);
    return session.status === 'open' ? open(state, session, error) : over(session);
  },
  act: ({ state }, id, { action }) => {
    const session = findSession(state, id);
    if (action === 'back') return session.cancel_url ?? undefined;
    if (action === 'expire') {
      expireSession(state, session);
      return undefined;
    }
    const paid = payCheckout(state, id, action === 'pay-by-debit');
    if (action === 'pay-then-decline') state.cards.set(idOf(paid.customer), 'declines');
    return paid.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', id);
  },
};

function open(state: State, session: Stripe.Checkout.Session, error: string | undefined): string {
  const { items = [], trialDays = 0 } = state.orders.get(session.id) ?? {};
  const currency = session.currency ?? 'usd';
  const lines = items.map(({ price, quantity }) => {
    const total = money((price.unit_amount ?? 0) * quantity, currency);
    const name = state.products.get(idOf(price.product))?.name ?? price.id;
    return html`<li>
      ${quantity} × ${name}: ${total} each ${price.recurring?.interval ?? 'time'}
    </li>`;
  });
  return page(
    'Subscribe',
    html`!${errorLine(error)}
      <ul>
        !${lines.join('')}
      </ul>
      <p class="amount">${money(session.amount_total ?? 0, currency)} now</p>
      !${trialDays > 0 ? html`<p>Free for ${Math.round(trialDays)} days.</p>` : ''}
      <p class="hint">For ${session.customer_email ?? 'a new customer'}</p>
      <form class="stack" method="post">
        <button class="main" name="action" value="pay">Pay</button>
        <button name="action" value="pay-then-decline">Pay, but the card is declined later</button>
        <button name="action" value="pay-by-debit">
          Pay by a bank’s debit, which takes some days
        </button>
        <button name="action" value="back">Cancel</button>
        <button name="action" value="expire">Let this checkout expire</button>
      </form>`,
  );
}

function over({ status }: Stripe.Checkout.Session): string {
  const sentence =
    status === 'complete' ? 'It was paid already.' : 'It has expired. Begin a new one.';
  return page('This checkout is over', html`<p role="status">${sentence}</p>`);
}
