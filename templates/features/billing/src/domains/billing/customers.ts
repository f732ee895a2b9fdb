import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { z } from 'zod';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { lockAccount } from './account-lock.ts';
import { expireCheckouts } from './checkout-rows.ts';
import { payerOf } from './contacts.ts';
import { beginRequest, endRequests, makeCustomer } from './customer-requests.ts';
import { billingNotConfigured } from './errors.ts';
import { billingCustomers, billingFormerCustomers } from './models.ts';
import type { BillingDeps } from './service.ts';
import { fromStripe, isMissing } from './stripe-errors.ts';
import { whileLocked } from './stripe.ts';
import type { HandlerContext } from './webhooks/handler.ts';

const ofAccount = (accountId: string) => eq(billingCustomers.accountId, accountId);

/**
 * Finds whose customer this is, or was, and locks all of that account's billing until the
 * transaction ends.
 *
 * A customer that no row names may be ours all the same: the process may have ended after Stripe
 * had made it. Its metadata then says whose it is.
 *
 * @returns the account; nothing where the customer is none of ours
 */
export async function lockCustomer(
  context: Pick<HandlerContext, 'tx' | 'stripe' | 'log'>,
  stripeCustomerId: string,
): Promise<string | undefined> {
  const { tx, stripe, log } = context;
  const known = await lockKnown(tx, stripeCustomerId);
  if (known !== undefined) return known;

  const accountId = await accountNamedBy(stripe, stripeCustomerId);
  const linked =
    accountId !== undefined &&
    (await accountExists(tx, accountId)) &&
    (await linkCustomer(tx, accountId, stripeCustomerId));
  if (linked) return accountId;
  log.info({ stripeCustomerId }, 'a customer of Stripe is none of this service');
  return undefined;
}

/** The account's customer at Stripe; null where none is known. */
export async function customerOf(
  queries: Queries | Transaction,
  accountId: string,
): Promise<string | null> {
  const [row] = await queries
    .select({ stripeCustomerId: billingCustomers.stripeCustomerId })
    .from(billingCustomers)
    .where(ofAccount(accountId));
  return row?.stripeCustomerId ?? null;
}

/** The customers that an account had, and that were deleted at Stripe; the latest first. */
export async function formerCustomersOf(queries: Queries, accountId: string): Promise<string[]> {
  const rows = await queries
    .select({ stripeCustomerId: billingFormerCustomers.stripeCustomerId })
    .from(billingFormerCustomers)
    .where(eq(billingFormerCustomers.accountId, accountId))
    .orderBy(desc(billingFormerCustomers.createdAt));
  return rows.map(({ stripeCustomerId }) => stripeCustomerId);
}

/** Resolves to the account's customer at Stripe, which is made where there is none. */
async function ensureCustomer(deps: BillingDeps, accountId: string): Promise<string> {
  const { database } = deps;
  const made = await customerOf(database.queries, accountId);
  if (made !== null) return made;

  const begun = await database.transaction((tx) => beginCustomer(tx, accountId));
  if ('known' in begun) return begun.known;
  const customer = await fromStripe(makeCustomer(deps, accountId, begun));
  return database.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    const known = await customerOf(tx, accountId);
    if (known === null) await setCustomer(tx, accountId, customer.id);
    return known ?? customer.id;
  });
}

/**
 * Does something for the account's customer, and again for a new one where somebody has deleted the
 * customer at Stripe.
 *
 * @throws AppError billing_not_configured where Stripe has never had the customer
 */
export async function withCustomer<T>(
  deps: BillingDeps,
  accountId: string,
  work: (stripeCustomerId: string) => Promise<T>,
): Promise<T> {
  const stripeCustomerId = await ensureCustomer(deps, accountId);
  try {
    return await work(stripeCustomerId);
  } catch (error) {
    if (!isMissing(error, 'customer')) throw error;
    const known = findKnown({ ...deps, stripe: deps.stripe() }, { accountId, stripeCustomerId });
    if ((await fromStripe(known)).deleted !== true) throw error;
  }
  deps.log.warn({ accountId, stripeCustomerId }, 'a customer is gone at Stripe; a new one is made');
  await deps.database.transaction((tx) => unlink(tx, accountId, stripeCustomerId));
  return work(await ensureCustomer(deps, accountId));
}

/**
 * Finds an account's customer, also one that was deleted, which Stripe goes on to know. One that it
 * does not know is that of another account of Stripe, whose key this is: to make new customers there
 * would leave every payer behind.
 *
 * @throws AppError billing_not_configured where Stripe has never had the customer
 */
export async function findKnown(
  { stripe, log }: Pick<HandlerContext, 'stripe' | 'log'>,
  { accountId, stripeCustomerId }: { accountId: string; stripeCustomerId: string },
): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  try {
    return await stripe.customers.retrieve(stripeCustomerId);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  log.error(
    { accountId, stripeCustomerId },
    'Stripe does not know a customer of this service: is STRIPE_SECRET_KEY that of another account or mode?',
  );
  throw billingNotConfigured({ detail: 'Stripe does not know the customer of this account.' });
}

/** Remembers whose it was; on its pages nobody can pay. */
async function unlink(tx: Transaction, accountId: string, stripeCustomerId: string): Promise<void> {
  await lockAccount(tx, accountId);
  // Another request may have done so meanwhile, and have made a new one.
  if ((await customerOf(tx, accountId)) !== stripeCustomerId) return;
  await tx.insert(billingFormerCustomers).values({ accountId, stripeCustomerId });
  await tx.update(billingCustomers).set({ stripeCustomerId: null }).where(ofAccount(accountId));
  await expireCheckouts(tx, accountId);
}

async function lockKnown(tx: Transaction, stripeCustomerId: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ accountId: billingCustomers.accountId })
    .from(billingCustomers)
    .where(eq(billingCustomers.stripeCustomerId, stripeCustomerId))
    .for('update');
  return row?.accountId ?? lockFormer(tx, stripeCustomerId);
}

async function lockFormer(tx: Transaction, stripeCustomerId: string): Promise<string | undefined> {
  const [former] = await tx
    .select({ accountId: billingFormerCustomers.accountId })
    .from(billingFormerCustomers)
    .where(eq(billingFormerCustomers.stripeCustomerId, stripeCustomerId));
  if (former !== undefined) await lockAccount(tx, former.accountId);
  return former?.accountId;
}

/**
 * A customer that Stripe does not know, though it has sent an event of it, is an error: it comes of a
 * wrong key, and the event is to have its effect under the right one.
 */
async function accountNamedBy(stripe: Stripe, id: string): Promise<string | undefined> {
  const customer = await stripe.customers.retrieve(id, {}, whileLocked());
  const accountId = customer.deleted === true ? undefined : customer.metadata['account_id'];
  // Metadata may be anything, and the server refuses to compare some of it with an id.
  return z.uuid().safeParse(accountId).data;
}

async function accountExists(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, id));
  return rows.length === 1;
}

/** @returns whether it is the account's customer now; an account that has another keeps that one */
async function linkCustomer(
  tx: Transaction,
  accountId: string,
  stripeCustomerId: string,
): Promise<boolean> {
  await lockAccount(tx, accountId);
  const known = await customerOf(tx, accountId);
  if (known === null) await setCustomer(tx, accountId, stripeCustomerId);
  return known === null || known === stripeCustomerId;
}

async function setCustomer(
  tx: Transaction,
  accountId: string,
  stripeCustomerId: string,
): Promise<void> {
  await tx
    .update(billingCustomers)
    .set({ stripeCustomerId })
    .where(and(ofAccount(accountId), isNull(billingCustomers.stripeCustomerId)));
  await endRequests(tx, accountId);
}

async function beginCustomer(tx: Transaction, accountId: string) {
  await lockAccount(tx, accountId);
  const known = await customerOf(tx, accountId);
  if (known !== null) return { known };
  return { request: await beginRequest(tx, accountId), payer: await payerOf(tx, accountId) };
}
