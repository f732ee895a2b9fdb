import { withCustomer } from './customers.ts';
import { billingNotConfigured } from './errors.ts';
import { billingLinks } from './links.ts';
import { askStripe } from './requests.ts';
import type { BillingDeps } from './service.ts';
import { isRefusal } from './stripe-errors.ts';

export interface Portal {
  /**
   * Opens Stripe's portal for the account: its invoices, and how it pays.
   *
   * @returns the page, which is good for a few minutes
   * @throws AppError billing_not_configured where the portal was not set up at Stripe; as `fromStripe`
   */
  open(accountId: string): Promise<{ readonly url: string }>;
}

export function openPortal(deps: BillingDeps): Portal {
  const links = billingLinks(deps.settings.APP_ORIGIN);

  return {
    open: (accountId) =>
      withCustomer(deps, accountId, async (customer) => {
        const { sessions } = deps.stripe().billingPortal;
        const asked = { customer, return_url: links.portalLeft };
        const asking = askStripe(deps, { accountId, kind: 'portal' }, (options) =>
          sessions.create(asked, options),
        );
        const { url } = await unlessMissing(deps, asking);
        return { url };
      }),
  };
}

/** Stripe has no code for a portal whose settings were never saved. */
async function unlessMissing<T>({ log }: BillingDeps, portal: Promise<T>): Promise<T> {
  try {
    return await portal;
  } catch (error) {
    if (!isRefusal(error) || error.code !== undefined) throw error;
    log.error(
      { stripeRequestId: error.requestId },
      'Stripe does not open its customer portal: save its settings in the dashboard',
    );
    throw billingNotConfigured({ detail: 'The customer portal is not set up at Stripe.' });
  }
}
