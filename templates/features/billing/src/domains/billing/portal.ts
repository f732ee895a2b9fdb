import { withCustomer } from './customers.ts';
import { billingLinks } from './links.ts';
import { askStripe } from './requests.ts';
import type { BillingDeps } from './service.ts';

export interface Portal {
  /**
   * Opens Stripe's portal for the account: its invoices, and how it pays.
   *
   * @returns the page, which is good for a few minutes
   */
  open(accountId: string): Promise<{ readonly url: string }>;
}

export function openPortal(deps: BillingDeps): Portal {
  const links = billingLinks(deps.settings.APP_ORIGIN);

  return {
    open: (accountId) =>
      withCustomer(deps, accountId, async (customer) => {
        const { url } = await askStripe(deps, { accountId, kind: 'portal' }, (options) =>
          deps
            .stripe()
            .billingPortal.sessions.create({ customer, return_url: links.portalLeft }, options),
        );
        return { url };
      }),
  };
}
