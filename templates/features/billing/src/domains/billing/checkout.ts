import type { Stripe } from 'stripe';
import { newId } from '#app/database/id.ts';
import {
  claimCheckout,
  countFailure,
  expireCheckout,
  storeSession,
  type CheckoutRow,
  type ClaimedCheckout,
} from './checkout-rows.ts';
import { syncCheckout } from './checkout-sync.ts';
import { findKnown, withCustomer } from './customers.ts';
import { checkoutReplaced } from './errors.ts';
import { billingLinks } from './links.ts';
import { plans } from './plans.ts';
import { openPrices, type Choice } from './prices.ts';
import { makeOnce } from './requests.ts';
import type { BillingDeps } from './service.ts';
import { fromStripe, isMissing, isRefusal } from './stripe-errors.ts';

/** How many other checkouts are closed for one: more come only from one who means harm. */
const rounds = 5;

/** A page of Stripe's on which one pays. */
export interface OpenCheckout {
  readonly id: string;
  readonly url: string;
}

export interface Checkout {
  /**
   * Begins to subscribe. An account has one page at a time on which it can pay, so that two tabs
   * cannot make two subscriptions: the same choice gives the same page again, another choice closes
   * the page before.
   *
   * @throws AppError already_subscribed; checkout_replaced where another was begun meanwhile; as
   *   `fromStripe` and `Prices.idFor`
   */
  begin(accountId: string, choice: Choice): Promise<OpenCheckout>;
}

export function openCheckout(deps: BillingDeps): Checkout {
  const prices = openPrices(deps);

  return {
    async begin(accountId, choice) {
      const price = await prices.idFor(choice);
      return withCustomer(deps, accountId, async (customer) => {
        const claimed = await claim(deps, { accountId, choice, customer });
        const { id, url } = claimed.checkout;
        if (url !== null) return { id, url };
        return openSession(deps, claimed, { customer, price });
      });
    },
  };
}

/** Takes the one place that an account has for a checkout, and closes the one that is in it. */
async function claim(
  deps: BillingDeps,
  wanted: { readonly accountId: string; readonly choice: Choice; readonly customer: string },
): Promise<ClaimedCheckout> {
  const { accountId, choice, customer } = wanted;
  for (let round = 0; round < rounds; round += 1) {
    const found = await deps.database.transaction((tx) => claimCheckout(tx, accountId, choice));
    if ('checkout' in found) return found;
    await close(deps, { ...found.inTheWay, accountId, customer });
  }
  throw checkoutReplaced();
}

interface OpenPage {
  readonly accountId: string;
  readonly id: string;
  readonly stripeSessionId: string;
  readonly customer: string;
}

/** One that cannot be closed was paid in the meantime: reading it anew then says so. */
async function close(deps: BillingDeps, page: OpenPage): Promise<void> {
  const { stripe, database, log } = deps;
  const { id, stripeSessionId, customer } = page;
  try {
    // A key of its own each time: what Stripe failed at once would fail for a day, and a page that
    // is closed already is told to be.
    const idempotencyKey = `expire_${id}_${newId()}`;
    await fromStripe(stripe().checkout.sessions.expire(stripeSessionId, {}, { idempotencyKey }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  try {
    await fromStripe(
      database.transaction((tx) =>
        syncCheckout({ tx, log, stripe: stripe() }, { id: stripeSessionId, customer }),
      ),
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
    await forget(deps, page);
  }
}

/**
 * Nobody can pay on a page that is gone at Stripe, where its customer is known: otherwise the key is
 * that of another account, and the page may be open there.
 */
async function forget(deps: BillingDeps, page: OpenPage): Promise<void> {
  const { accountId, stripeSessionId, customer: stripeCustomerId } = page;
  const about = { accountId, stripeCustomerId };
  await fromStripe(findKnown({ ...deps, stripe: deps.stripe() }, about));
  deps.log.warn(
    { ...about, stripeSessionId },
    'a checkout is gone at Stripe; it counts as expired',
  );
  await expireCheckout(deps.database, page);
}

async function openSession(
  deps: BillingDeps,
  { checkout, mayTry }: ClaimedCheckout,
  bought: { readonly customer: string; readonly price: string },
): Promise<OpenCheckout> {
  const { stripe, database, settings } = deps;
  const asked = sessionFor(checkout, { ...bought, mayTry, origin: settings.APP_ORIGIN });
  const { sessions } = stripe().checkout;
  const session = await fromStripe(
    makeOnce({
      row: { kind: 'checkout', ...checkout },
      asked,
      make: (options) => sessions.create(asked, options),
      find: async () => {
        const { customer } = bought;
        const { data } = await sessions.list({ customer, status: 'open', limit: 100 });
        return data.find(({ metadata }) => metadata?.['checkout_id'] === checkout.id);
      },
      fail: () => countFailure(database, checkout),
    }),
  );
  const { id: stripeSessionId, url, expires_at: expiresAt } = session;
  if (url === null) throw new Error('Stripe has made a checkout without a page');
  if (await storeSession(database, checkout, { stripeSessionId, url, expiresAt })) {
    return { id: checkout.id, url };
  }
  // Nobody has seen its page.
  await close(deps, { ...checkout, stripeSessionId, customer: bought.customer });
  throw checkoutReplaced();
}

function sessionFor(
  { accountId, id, plan, quantity }: CheckoutRow,
  bought: {
    readonly customer: string;
    readonly price: string;
    readonly mayTry: boolean;
    readonly origin: string;
  },
): Stripe.Checkout.SessionCreateParams {
  const links = billingLinks(bought.origin);
  const metadata = { account_id: accountId };
  const { trialDays = 0 } = new Map(Object.entries(plans)).get(plan) ?? {};
  return {
    mode: 'subscription',
    customer: bought.customer,
    client_reference_id: accountId,
    metadata: { ...metadata, checkout_id: id },
    line_items: [{ price: bought.price, quantity }],
    subscription_data: {
      metadata,
      ...(bought.mayTry && trialDays > 0 && { trial_period_days: trialDays }),
    },
    success_url: links.paid,
    cancel_url: links.notPaid,
  };
}
