import { and, eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { newId } from '#app/database/id.ts';
import { billingRefunds } from '../models.ts';
import type { SyncedPayment } from '../payments/sync.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { tellOfRefund } from './tell-of-refund.ts';

type Row = Pick<typeof billingRefunds.$inferSelect, 'id' | 'stripeRefundId'>;

/**
 * Writes what Stripe says of the refunds of a payment, whoever made them; the account has to be
 * locked.
 */
export async function writeRefunds(context: HandlerContext, payment: SyncedPayment): Promise<void> {
  const { tx, stripe } = context;
  const { accountId, paymentId, charge } = payment;
  const list = stripe.refunds.list({ charge: charge.id, limit: 100 }, whileLocked());
  const refunds = await list.autoPagingToArray({ limit: 1000 });
  // Locked, so that a delivery cannot store the same refund's id in between.
  const rows = await tx
    .select({ id: billingRefunds.id, stripeRefundId: billingRefunds.stripeRefundId })
    .from(billingRefunds)
    .where(and(eq(billingRefunds.accountId, accountId), eq(billingRefunds.paymentId, paymentId)))
    .for('update');

  for (const refund of refunds.toReversed()) {
    await writeRefund(context, payment, refund, rowOf(refund, rows));
    await tellOfRefund(context, accountId, refund);
  }
}

/**
 * The status of a refund as it is kept. One that this version of the API does not have means that
 * the money is still on its way.
 */
export function statusOf({ status }: Pick<Stripe.Refund, 'status'>) {
  return billingRefunds.status.enumValues.find((known) => known === status) ?? 'pending';
}

/** Stripe may tell of a refund before who asked for it has had the answer, and its id. */
function rowOf({ id, metadata }: Stripe.Refund, rows: readonly Row[]): Row | undefined {
  return (
    rows.find(({ stripeRefundId }) => stripeRefundId === id) ??
    rows.find((row) => row.stripeRefundId === null && row.id === metadata?.['refund_id'])
  );
}

async function writeRefund(
  { tx }: HandlerContext,
  { accountId, paymentId }: SyncedPayment,
  refund: Stripe.Refund,
  row: Row | undefined,
): Promise<void> {
  const columns = {
    stripeRefundId: refund.id,
    status: statusOf(refund),
    failure: refund.failure_reason ?? null,
  };
  if (row !== undefined) {
    await tx
      .update(billingRefunds)
      .set(columns)
      .where(and(eq(billingRefunds.accountId, accountId), eq(billingRefunds.id, row.id)));
    return;
  }
  await tx.insert(billingRefunds).values({
    ...columns,
    accountId,
    id: newId(),
    paymentId,
    currency: refund.currency,
    amount: refund.amount,
    reason: reasonOf(refund),
    requestedBy: 'stripe',
  });
}

/** Whoever makes a refund at Stripe need not say why. */
function reasonOf({ reason }: Stripe.Refund) {
  return (
    billingRefunds.reason.enumValues.find((known) => known === reason) ?? 'requested_by_customer'
  );
}
