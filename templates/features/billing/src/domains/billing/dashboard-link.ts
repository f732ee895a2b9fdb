import type { BillingSettings } from './settings.ts';
import { isLive } from './stripe.ts';

/** Where Stripe's dashboard has things, by what their ids begin with. */
const pages = new Map(
  Object.entries({
    cus: 'customers',
    sub: 'subscriptions',
    in: 'invoices',
    pi: 'payments',
    ch: 'payments',
    py: 'payments',
    evt: 'events',
  }),
);

/**
 * The page of Stripe's dashboard about one thing, in the mode of the key that is set.
 *
 * @param id Stripe's
 * @returns nothing where there is no such page, as where another server answers in place of Stripe
 */
export function dashboardLink(
  settings: Pick<BillingSettings, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE'>,
  id: string,
): string | undefined {
  const page = pages.get(id.slice(0, id.indexOf('_')));
  if (page === undefined || settings.STRIPE_API_BASE !== undefined) return undefined;
  const mode = isLive(settings) ? '' : 'test/';
  return `https://dashboard.stripe.com/${mode}${page}/${encodeURIComponent(id)}`;
}
