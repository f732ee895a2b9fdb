import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Queries } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { alreadySubscribed } from './errors.ts';
import { billingCheckouts, billingCustomers } from './models.ts';
import type { Choice } from './prices.ts';
import { momentOf } from './references.ts';
import { currentSubscriptionOf } from './subscriptions/current.ts';
import { wayOn } from './subscriptions/way-on.ts';

/** Minutes that a page must still be open for, to be given to somebody who wants to pay on it. */
const minutesToPay = 10;
/** Minutes in which the request for a page that was not heard is made again. */
const minutesToAsk = 60;

export type CheckoutRow = typeof billingCheckouts.$inferSelect;

export interface ClaimedCheckout {
  readonly checkout: CheckoutRow;
  /** Whether the account has not had its trial. */
  readonly mayTry: boolean;
}

/** One that is open at Stripe, and has to be closed there first. */
export interface InTheWay {
  readonly inTheWay: { readonly id: string; readonly stripeSessionId: string };
}

/**
 * Finds the account's open checkout for this choice, or makes it, unless there is another that is
 * open at Stripe.
 *
 * @throws AppError already_subscribed
 */
export async function claimCheckout(
  tx: Transaction,
  accountId: string,
  choice: Choice,
): Promise<ClaimedCheckout | InTheWay> {
  const mayTry = await lockForTrial(tx, accountId);
  const subscription = await currentSubscriptionOf(tx, accountId);
  if (subscription !== undefined) {
    throw alreadySubscribed({ detail: await wayOn(tx, subscription) });
  }

  for (const { checkout, reusable } of await openCheckouts(tx, accountId)) {
    const { id, stripeSessionId } = checkout;
    if (isFor(choice, checkout) && reusable === 1) return { checkout, mayTry };
    if (stripeSessionId !== null) return { inTheWay: { id, stripeSessionId } };
    // Its page, if Stripe has made it, was given to nobody; and will not be, see storeSession.
    await setExpired(tx, checkout);
  }
  return { checkout: await addCheckout(tx, accountId, choice), mayTry };
}

/**
 * Writes down the page that Stripe has made.
 *
 * @returns false where the checkout is no longer open, so that nobody may get the page
 */
export async function storeSession(
  { queries }: { readonly queries: Queries | Transaction },
  checkout: CheckoutRow,
  session: { stripeSessionId: string; url: string; expiresAt: number },
): Promise<boolean> {
  const [{ affectedRows }] = await queries
    .update(billingCheckouts)
    .set({ ...session, expiresAt: momentOf(session.expiresAt) })
    .where(
      and(
        isThis(checkout),
        eq(billingCheckouts.state, 'open'),
        sql`COALESCE(${billingCheckouts.stripeSessionId}, ${session.stripeSessionId}) = ${session.stripeSessionId}`,
      ),
    );
  return affectedRows === 1;
}

/** Counts that Stripe has failed to make the page of a checkout. */
export async function countFailure(
  { queries }: Pick<Database, 'queries'>,
  checkout: CheckoutRow,
): Promise<void> {
  const { failures } = checkout;
  await queries
    .update(billingCheckouts)
    .set({ failures: failures + 1 })
    .where(and(isThis(checkout), eq(billingCheckouts.failures, failures)));
}

/** Forgets an open checkout on whose page nobody can pay any more. */
export async function expireCheckout(
  { queries }: Pick<Database, 'queries'>,
  checkout: Pick<CheckoutRow, 'accountId' | 'id'>,
): Promise<void> {
  await queries
    .update(billingCheckouts)
    .set({ state: 'expired' })
    .where(and(isThis(checkout), eq(billingCheckouts.state, 'open')));
}

/** Forgets the open checkouts of an account whose customer is gone at Stripe: nobody can pay there. */
export async function expireCheckouts(tx: Transaction, accountId: string): Promise<void> {
  await tx
    .update(billingCheckouts)
    .set({ state: 'expired' })
    .where(and(eq(billingCheckouts.accountId, accountId), eq(billingCheckouts.state, 'open')));
}

async function lockForTrial(tx: Transaction, accountId: string): Promise<boolean> {
  const [row] = await tx
    .select({ trialUsedAt: billingCustomers.trialUsedAt })
    .from(billingCustomers)
    .where(eq(billingCustomers.accountId, accountId))
    .for('update');
  if (row === undefined) throw new Error('The account is no customer yet');
  return row.trialUsedAt === null;
}

/** Locked, so that a page that is made at this moment is seen, or given to nobody. */
async function openCheckouts(tx: Transaction, accountId: string) {
  const { stripeSessionId, expiresAt, createdAt } = billingCheckouts;
  return tx
    .select({
      checkout: billingCheckouts,
      reusable: sql<number>`IF(${stripeSessionId} IS NULL,
        ${createdAt} > UTC_TIMESTAMP(3) - INTERVAL ${minutesToAsk} MINUTE,
        COALESCE(${expiresAt} > UTC_TIMESTAMP(3) + INTERVAL ${minutesToPay} MINUTE, 0))`,
    })
    .from(billingCheckouts)
    .where(and(eq(billingCheckouts.accountId, accountId), eq(billingCheckouts.state, 'open')))
    .orderBy(desc(billingCheckouts.id))
    .for('update');
}

function isFor({ plan, interval, quantity = 1 }: Choice, checkout: CheckoutRow): boolean {
  return checkout.plan === plan && checkout.interval === interval && checkout.quantity === quantity;
}

async function setExpired(tx: Transaction, checkout: CheckoutRow): Promise<void> {
  await tx
    .update(billingCheckouts)
    .set({ state: 'expired' })
    .where(and(isThis(checkout), isNull(billingCheckouts.stripeSessionId)));
}

async function addCheckout(
  tx: Transaction,
  accountId: string,
  { plan, interval, quantity = 1 }: Choice,
): Promise<CheckoutRow> {
  const id = newId();
  await tx.insert(billingCheckouts).values({ accountId, id, plan, interval, quantity });
  const [row] = await tx.select().from(billingCheckouts).where(isThis({ accountId, id }));
  if (row === undefined) throw new Error('The checkout was not written');
  return row;
}

function isThis({ accountId, id }: Pick<CheckoutRow, 'accountId' | 'id'>) {
  return and(eq(billingCheckouts.accountId, accountId), eq(billingCheckouts.id, id));
}
