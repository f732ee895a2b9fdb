import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { now } from '#app/database/clock.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { lockAccount } from '../account-lock.ts';
import { lockCustomer } from '../customers.ts';
import { billingCustomers, billingSubscriptions } from '../models.ts';
import { idOf, momentOf } from '../references.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { liveSubscriptionsOf, planOf, type SubscriptionRow } from './current.ts';
import { owedSince } from './owed-since.ts';
import { isOwed, valuesOf } from './subscription-values.ts';

type Context = Pick<HandlerContext, 'tx' | 'stripe' | 'log'>;

const ofStripe = (id: string) => eq(billingSubscriptions.stripeSubscriptionId, id);

/**
 * Writes what Stripe says of a subscription now.
 *
 * What is written was read after the account was locked: of two that do this at once, the second
 * reads what is true by then. Whatever was read before may be older than what the first wrote.
 *
 * Stripe never forgets a subscription: one that it does not know is a sign of a wrong key, so that is
 * an error, and never an end.
 *
 * @param stripeCustomerId whose it is, where the caller knows
 * @returns the row; nothing where the subscription is none of ours
 */
export async function syncSubscription(
  context: Context,
  stripeSubscriptionId: string,
  stripeCustomerId?: string,
): Promise<SubscriptionRow | undefined> {
  const { tx, stripe } = context;
  const customer = stripeCustomerId ?? (await customerOf(context, stripeSubscriptionId));
  if (customer === undefined) return undefined;
  const accountId = await lockCustomer(context, customer);
  if (accountId === undefined) return undefined;

  await write(context, accountId, await retrieve(stripe, stripeSubscriptionId));
  const [row] = await tx.select().from(billingSubscriptions).where(ofStripe(stripeSubscriptionId));
  return row;
}

/**
 * Writes that a subscription has ended which Stripe does not know, because a person has said so: it
 * was made with test data that is gone, or the row came from elsewhere.
 */
export async function endForgotten(tx: Transaction, stripeSubscriptionId: string): Promise<void> {
  const [row] = await tx.select().from(billingSubscriptions).where(ofStripe(stripeSubscriptionId));
  if (row === undefined) return;
  await lockAccount(tx, row.accountId);
  await tx
    .update(billingSubscriptions)
    .set({
      status: 'canceled',
      endedAt: sql`COALESCE(ended_at, ${now})`,
      cancelAt: null,
      pastDueSince: null,
    })
    .where(ofStripe(stripeSubscriptionId));
}

async function customerOf({ tx, stripe }: Context, id: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ customer: billingCustomers.stripeCustomerId })
    .from(billingSubscriptions)
    .innerJoin(billingCustomers, eq(billingCustomers.accountId, billingSubscriptions.accountId))
    .where(ofStripe(id));
  return row?.customer ?? idOf((await retrieve(stripe, id)).customer);
}

function retrieve(stripe: Stripe, id: string): Promise<Stripe.Subscription> {
  return stripe.subscriptions.retrieve(id, {}, whileLocked());
}

async function write(
  context: Context,
  accountId: string,
  subscription: Stripe.Subscription,
): Promise<void> {
  const { tx, stripe, log } = context;
  const { id: stripeSubscriptionId } = subscription;
  const values = valuesOf(subscription);
  const owed = isOwed(values.status);
  const since = owed ? await owedSince(stripe, stripeSubscriptionId) : undefined;
  if (planOf(values) === undefined) {
    const { stripePriceId } = values;
    log.error({ stripeSubscriptionId, stripePriceId }, 'a subscription is for a price of no plan');
  }

  const [{ affectedRows }] = await tx
    .update(billingSubscriptions)
    .set({
      ...values,
      pastDueSince: owed ? (since ?? sql`COALESCE(past_due_since, ${now})`) : null,
    })
    .where(ofStripe(stripeSubscriptionId));
  if (affectedRows === 0) {
    const row = { accountId, id: newId(), stripeSubscriptionId, ...values };
    await tx
      .insert(billingSubscriptions)
      .values({ ...row, pastDueSince: owed ? (since ?? now) : null });
  }
  if (subscription.trial_start !== null) {
    await noteTrial(tx, accountId, momentOf(subscription.trial_start));
  }
  await warnOfSecond(context, accountId);
}

async function noteTrial(tx: Transaction, accountId: string, begun: Date): Promise<void> {
  const { trialUsedAt } = billingCustomers;
  await tx
    .update(billingCustomers)
    .set({ trialUsedAt: begun })
    .where(
      and(
        eq(billingCustomers.accountId, accountId),
        or(isNull(trialUsedAt), gt(trialUsedAt, begun)),
      ),
    );
}

async function warnOfSecond({ tx, log }: Context, accountId: string): Promise<void> {
  const live = await liveSubscriptionsOf(tx, accountId);
  if (live.length < 2) return;
  const subscriptions = live.map(({ stripeSubscriptionId }) => stripeSubscriptionId);
  log.warn({ accountId, subscriptions }, 'an account pays for more than one subscription');
}
