// Finds what an event that never came has left as it was: a subscription that has ended and still
// gives its plan, one that was renewed, somebody who has paid and has nothing. What must have changed
// by now is read anew from Stripe. What has an effect once, such as a mail, still needs its event.
import { and, asc, eq, gt, isNotNull, lt } from 'drizzle-orm';
import { Stripe } from 'stripe';
import { inSeconds } from '#app/database/clock.ts';
import { startLoop } from '#app/platform/loop.ts';
import { syncCheckout } from './checkout-sync.ts';
import { billingCheckouts, billingCustomers, billingSubscriptions } from './models.ts';
import type { BillingDeps } from './service.ts';
import { isRefusal } from './stripe-errors.ts';
import { syncSubscription } from './subscriptions/sync.ts';
import { reasonOf } from './webhooks/reason.ts';

/** Milliseconds between two looks. */
const pause = 3_600_000;
/** Seconds in which events usually come, and are tried again where a handler failed. */
const patience = 3600;
/** Rows that are read at once; Stripe is asked for one after the other. */
const batch = 100;

type CatchUpDeps = Pick<BillingDeps, 'settings' | 'log' | 'database' | 'stripe'>;

/** Catches up at once, and then every hour, until it is closed. */
export function startCatchUp(deps: CatchUpDeps): { close(): Promise<void> } {
  return startLoop({ name: 'billing catch-up', pause, log: deps.log }, (closing) =>
    catchUp(deps, closing),
  );
}

/**
 * Reads anew every subscription whose period or end is over by an hour, or that was not paid for
 * within one, and every checkout that has been open for one. A row that cannot be read does not keep
 * the others from it.
 *
 * @throws where Stripe or the database is away
 */
export async function catchUp(deps: CatchUpDeps, closing?: AbortSignal): Promise<void> {
  if (deps.settings.STRIPE_SECRET_KEY === undefined) return;
  // First, so that a subscription that nobody has heard of is written before it is looked for.
  await forEach((last) => openCheckouts(deps, last), readCheckout);
  await forEach((last) => lateSubscriptions(deps, last), readSubscription);

  async function forEach<Row extends { readonly id: string }>(
    rowsAfter: (last: string) => Promise<Row[]>,
    read: (deps: CatchUpDeps, row: Row) => Promise<void>,
  ): Promise<void> {
    let rows = await rowsAfter('');
    while (rows.length > 0) {
      for (const row of rows) {
        if (closing?.aborted === true) return;
        await readOne(deps, row, read);
      }
      rows = await rowsAfter(rows.at(-1)?.id ?? '');
    }
  }
}

async function readOne<Row extends { readonly id: string }>(
  deps: CatchUpDeps,
  row: Row,
  read: (deps: CatchUpDeps, row: Row) => Promise<void>,
): Promise<void> {
  try {
    await read(deps, row);
  } catch (error) {
    // Without Stripe the rest would fail alike, each after its own wait.
    if (error instanceof Stripe.errors.StripeError && !isRefusal(error)) throw error;
    deps.log.error({ id: row.id, ...reasonOf(error) }, 'what Stripe has of it could not be read');
  }
}

function lateSubscriptions({ database }: CatchUpDeps, last: string) {
  const { stripeSubscriptionId, status, currentPeriodEnd, changesAt } = billingSubscriptions;
  return database.queries
    .select({ id: stripeSubscriptionId, status, currentPeriodEnd })
    .from(billingSubscriptions)
    .where(and(gt(stripeSubscriptionId, last), lt(changesAt, inSeconds(-patience))))
    .orderBy(asc(stripeSubscriptionId))
    .limit(batch);
}

type LateSubscription = Awaited<ReturnType<typeof lateSubscriptions>>[number];

async function readSubscription(
  { database, stripe, log }: CatchUpDeps,
  { id, status, currentPeriodEnd }: LateSubscription,
): Promise<void> {
  const now = await database.transaction((tx) =>
    syncSubscription({ tx, log, stripe: stripe() }, id),
  );
  const hasChanged =
    now?.status !== status || now.currentPeriodEnd.getTime() !== currentPeriodEnd.getTime();
  if (!hasChanged) return;
  log.warn(
    { stripeSubscriptionId: id, before: status, now: now?.status },
    'a subscription had changed without an event: does Stripe reach the endpoint?',
  );
}

function openCheckouts({ database }: CatchUpDeps, last: string) {
  const { stripeSessionId, state, createdAt } = billingCheckouts;
  return database.queries
    .select({ id: stripeSessionId, customer: billingCustomers.stripeCustomerId })
    .from(billingCheckouts)
    .innerJoin(billingCustomers, eq(billingCustomers.accountId, billingCheckouts.accountId))
    .where(
      and(
        gt(stripeSessionId, last),
        eq(state, 'open'),
        lt(createdAt, inSeconds(-patience)),
        isNotNull(billingCustomers.stripeCustomerId),
      ),
    )
    .orderBy(asc(stripeSessionId))
    .limit(batch)
    .then((rows) => rows.map(({ id, customer }) => ({ id: id ?? '', customer: customer ?? '' })));
}

async function readCheckout(
  { database, stripe, log }: CatchUpDeps,
  checkout: { readonly id: string; readonly customer: string },
): Promise<void> {
  await database.transaction((tx) => syncCheckout({ tx, log, stripe: stripe() }, checkout));
}
