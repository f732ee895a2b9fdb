import type { Stripe } from 'stripe';
import { billingNotConfigured, notSubscribed, paymentFailed } from '../errors.ts';
import { checkQuantity, openPrices } from '../prices.ts';
import { askStripe } from '../requests.ts';
import type { BillingDeps } from '../service.ts';
import { fromStripe, isMissing, isRefusal } from '../stripe-errors.ts';
import {
  changeOf,
  isNoChange,
  keptPriceOf,
  previewOf,
  requirePaid,
  requireRecent,
  unlessAsked,
  type ChangeChoice,
  type ChangePreview,
} from './change.ts';
import { currentSubscriptionOf, isLive, type CurrentSubscription } from './current.ts';
import { syncSubscription } from './sync.ts';

/**
 * What an account does with its subscription. Each act is asked of Stripe, whatever the row says;
 * then the row is read anew, so that what is answered is true. Stripe's events do the same again.
 * Every one throws not_subscribed where there is nothing that it could be done with, and what
 * `fromStripe` throws.
 */
export interface Subscriptions {
  /** The subscription that counts, as it was when Stripe last told of it; nothing where none does. */
  current(accountId: string): Promise<CurrentSubscription | undefined>;
  /** Has it end with the period that is paid for. Twice does no more than once. */
  cancel(accountId: string): Promise<CurrentSubscription | undefined>;
  /**
   * Takes back that it ends, and lets one go on whose trial ended with nothing to pay with. Does
   * nothing where there is neither.
   */
  resume(accountId: string): Promise<CurrentSubscription | undefined>;
  /**
   * Changes at once what is paid for; the difference is charged, or set down as credit.
   *
   * @throws AppError payment_owed where what there is has not been paid for
   */
  change(accountId: string, choice: ChangeChoice): Promise<CurrentSubscription | undefined>;
  /** What a change would cost. Changes nothing. */
  previewChange(accountId: string, choice: ChangeChoice): Promise<ChangePreview>;
}

export function openSubscriptions(deps: BillingDeps): Subscriptions {
  const prices = openPrices(deps);
  const current = (accountId: string) => currentSubscriptionOf(deps.database.queries, accountId);

  /** Reads it anew: what is decided by it must not be late. */
  async function live(accountId: string): Promise<Stripe.Subscription> {
    const row = await current(accountId);
    if (row === undefined) throw notSubscribed();
    const subscription = await retrieve(deps, row.stripeSubscriptionId);
    if (isLive(subscription.status)) return subscription;
    await settle(deps, row.stripeSubscriptionId);
    throw notSubscribed({ detail: 'The subscription has ended.' });
  }

  /** The one that counts then: what was asked of Stripe may have come too late. */
  async function settled(accountId: string, id: string): Promise<CurrentSubscription | undefined> {
    await settle(deps, id);
    return current(accountId);
  }

  async function wanted(accountId: string, choice: ChangeChoice) {
    checkQuantity(choice);
    const subscription = await live(accountId);
    requirePaid(subscription);
    const price = keptPriceOf(subscription, choice) ?? (await prices.idFor(choice));
    return { subscription, change: changeOf(subscription, { ...choice, price }) };
  }

  return {
    current,

    async cancel(accountId) {
      const { id, cancel_at: cancelAt, ...subscription } = await live(accountId);
      if (cancelAt === null && !subscription.cancel_at_period_end) {
        await askStripe(deps, { accountId, kind: 'cancel' }, (options) =>
          deps.stripe().subscriptions.update(id, { cancel_at_period_end: true }, options),
        );
      }
      return settled(accountId, id);
    },

    async resume(accountId) {
      const { id, status, cancel_at: cancelAt, ...subscription } = await live(accountId);
      if (status === 'paused') {
        await askStripe(deps, { accountId, kind: 'resume' }, (options) =>
          unlessNothingToPayWith(deps.stripe().subscriptions.resume(id, {}, options)),
        );
      }
      const byPeriod = subscription.cancel_at_period_end;
      if (cancelAt !== null || byPeriod) {
        // Stripe takes only one of the two at a time.
        const change = byPeriod ? { cancel_at_period_end: false } : { cancel_at: '' as const };
        await askStripe(deps, { accountId, kind: 'resume' }, (options) =>
          deps.stripe().subscriptions.update(id, change, options),
        );
      }
      return settled(accountId, id);
    },

    async change(accountId, choice) {
      const { subscription, change } = await wanted(accountId, choice);
      if (!isNoChange(subscription, change)) {
        await fromStripe(requireRecent(deps.stripe(), subscription, change));
        await askStripe(deps, { accountId, kind: 'change' }, (options) =>
          unlessAsked(
            deps
              .stripe()
              .subscriptions.update(
                subscription.id,
                { ...change, payment_behavior: 'error_if_incomplete' },
                options,
              ),
          ),
        );
      }
      return settled(accountId, subscription.id);
    },

    async previewChange(accountId, choice) {
      const { subscription, change } = await wanted(accountId, choice);
      return fromStripe(previewOf(deps.stripe(), subscription, change));
    },
  };
}

async function retrieve({ stripe, log }: BillingDeps, id: string): Promise<Stripe.Subscription> {
  try {
    return await fromStripe(stripe().subscriptions.retrieve(id, { expand: ['latest_invoice'] }));
  } catch (error) {
    if (!isMissing(error)) throw error;
    log.error(
      { stripeSubscriptionId: id },
      'Stripe does not know a subscription: is the key that of another account or mode?',
    );
    throw billingNotConfigured({ detail: 'Stripe does not know the subscription.' });
  }
}

async function unlessNothingToPayWith<T>(resumed: Promise<T>): Promise<T> {
  try {
    return await resumed;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw paymentFailed({
      detail:
        'It cannot go on while there is nothing to pay with: add that on the page that POST /v1/billing/portal opens.',
    });
  }
}

async function settle(deps: BillingDeps, id: string): Promise<void> {
  const { database, log } = deps;
  await fromStripe(
    database.transaction((tx) => syncSubscription({ tx, log, stripe: deps.stripe() }, id)),
  );
}
