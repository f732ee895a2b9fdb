// What Stripe knows, as HTML.
import { html } from 'ghtml';
import { dashboardLink } from '#app/domains/billing/dashboard-link.ts';
import { formatMoney } from '#app/domains/billing/money.ts';
import type { BillingSettings } from '#app/domains/billing/settings.ts';
import { text } from '../components/values.ts';

/** Makes an id of Stripe's a link to its page of Stripe's dashboard, where there is one. */
export type StripeLink = (id: string | null) => string;

export function stripeLink(
  settings: Pick<BillingSettings, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE'>,
): StripeLink {
  return (id) => {
    if (id === null) return text(id);
    const name = html`<code>${id}</code>`;
    const page = dashboardLink(settings, id);
    return page === undefined ? name : html`<a href="${page}" rel="noreferrer">!${name}</a>`;
  };
}

/** A link to a page of Stripe's that Stripe has told of; what is no address of a page is left out. */
export function outwardLink(url: string | null, label: string): string {
  const isPage = url !== null && /^https?:$/.test(URL.parse(url)?.protocol ?? '');
  return isPage ? html`<a href="${url}" rel="noreferrer">${label}</a>` : text(null);
}

export function money(amount: number, currency: string): string {
  return text(formatMoney(amount, currency));
}

/** A word of Stripe's, such as `past_due`, as people read it. */
export function words(value: string): string {
  return value.replaceAll('_', ' ');
}
