import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import { Stripe } from 'stripe';
import { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import {
  defineDelivery,
  DeliveryError,
  type DeliveryServices,
} from '#app/platform/outbox/delivery.ts';
import { billingPayments, billingRefunds } from '../models.ts';
import { makeOnce } from '../requests.ts';
import { isRefusal } from '../stripe-errors.ts';
import { stripeClient } from '../stripe.ts';
import { statusOf } from './write.ts';

/**
 * Hours for which Stripe surely knows an idempotency key; it may forget one after 24:
 * https://docs.stripe.com/api/idempotent_requests
 */
const keyHours = 20;

/**
 * Asks Stripe for a refund. Whatever is lost between the request and the commit, asking again makes
 * no second one: the key is the same. Once Stripe may have forgotten it, and after a failure that
 * Stripe would repeat under it, the charge's refunds are looked through first.
 */
export const refundDelivery = defineDelivery({
  kind: 'stripe.refund',
  payload: z.strictObject({ accountId: z.string(), refundId: z.string() }),
  deliver: async ({ accountId, refundId }, { services }) => {
    const { database, settings } = services;
    const mine = and(eq(billingRefunds.accountId, accountId), eq(billingRefunds.id, refundId));
    const refund = await findRequested(database, mine);
    if (refund === undefined) return;

    const stripe = stripeClient(settings);
    try {
      const made = refund.isOld ? await findMade(stripe, refund) : undefined;
      const fail = () => countFailure(database, mine, refund);
      await store(database, mine, made ?? (await make(stripe, refund, fail)));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error;
      if (!isFinal(error)) throw new DeliveryError(`Stripe did not take it (${reasonOf(error)})`);
      // The charge is refunded or disputed, say: it would be refused again.
      await refuse(services, mine, { accountId, refundId, reason: reasonOf(error) });
    }
  },
});

interface Requested {
  readonly id: string;
  readonly amount: number;
  readonly reason: (typeof billingRefunds.$inferSelect)['reason'];
  readonly charge: string;
  readonly isOld: boolean;
  readonly failures: number;
}

/** Nothing where Stripe has taken it already, or has refused it. */
async function findRequested(
  database: Database,
  mine: SQL | undefined,
): Promise<Requested | undefined> {
  const [row] = await database.queries
    .select({
      id: billingRefunds.id,
      amount: billingRefunds.amount,
      reason: billingRefunds.reason,
      charge: billingPayments.stripeChargeId,
      failures: billingRefunds.failures,
      isOld:
        sql`${billingRefunds.createdAt} < UTC_TIMESTAMP(3) - INTERVAL ${keyHours} HOUR`.mapWith(
          Boolean,
        ),
    })
    .from(billingRefunds)
    .innerJoin(
      billingPayments,
      and(
        eq(billingPayments.accountId, billingRefunds.accountId),
        eq(billingPayments.id, billingRefunds.paymentId),
      ),
    )
    .where(and(mine, eq(billingRefunds.status, 'requested')));
  return row;
}

function make(
  stripe: Stripe,
  refund: Requested,
  fail: () => Promise<void>,
): Promise<Stripe.Refund> {
  const { id, charge, amount, reason } = refund;
  const asked = { charge, amount, reason, metadata: { refund_id: id } };
  return makeOnce({
    row: { kind: 'refund', ...refund },
    asked,
    make: (options) => stripe.refunds.create(asked, options),
    find: () => findMade(stripe, refund),
    fail,
  });
}

async function countFailure(
  { queries }: Database,
  mine: SQL | undefined,
  { failures }: Requested,
): Promise<void> {
  await queries
    .update(billingRefunds)
    .set({ failures: failures + 1 })
    .where(and(mine, eq(billingRefunds.failures, failures)));
}

async function findMade(
  stripe: Stripe,
  { id, charge }: Requested,
): Promise<Stripe.Refund | undefined> {
  const refunds = await stripe.refunds
    .list({ charge, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  return refunds.find(({ metadata }) => metadata?.['refund_id'] === id);
}

/** An event may have told of it meanwhile, and of what it is by now: then that stays. */
async function store(
  database: Database,
  mine: SQL | undefined,
  made: Stripe.Refund,
): Promise<void> {
  await database.transaction((tx) =>
    tx
      .update(billingRefunds)
      .set({ stripeRefundId: made.id, status: statusOf(made) })
      .where(and(mine, isNull(billingRefunds.stripeRefundId))),
  );
}

async function refuse(
  { database, log }: DeliveryServices,
  mine: SQL | undefined,
  { reason, ...about }: { accountId: string; refundId: string; reason: string },
): Promise<void> {
  await database.transaction((tx) =>
    tx
      .update(billingRefunds)
      .set({ status: 'failed', failure: reason })
      .where(and(mine, eq(billingRefunds.status, 'requested'))),
  );
  log.error({ ...about, reason }, 'Stripe refused a refund');
}

/** Under the key of another account, Stripe knows no charge of ours; and a balance fills up again. */
const passing: ReadonlySet<string | undefined> = new Set([
  'resource_missing',
  'balance_insufficient',
]);

function isFinal(error: Stripe.errors.StripeError): boolean {
  return isRefusal(error) && !passing.has(error.code);
}

/** Without the message, which may quote what was sent. */
function reasonOf({ code, type }: Stripe.errors.StripeError): string {
  return code ?? type;
}
