import { and, eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { recordAct } from '#app/platform/audit/audit.ts';
import { firstTime } from '../effects.ts';
import { billingPayments } from '../models.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import type { SyncedPayment } from './sync.ts';

/** https://docs.stripe.com/api/disputes/object#dispute_object-status */
const closed = new Set<string>(['won', 'lost', 'warning_closed', 'prevented']);

/** Writes what Stripe says of a dispute about a payment; of several, the latest is what counts. */
export async function writeDispute(context: HandlerContext, payment: SyncedPayment): Promise<void> {
  const { tx, stripe } = context;
  const { accountId, paymentId, charge } = payment;
  if (!charge.disputed) return;
  const { data } = await stripe.disputes.list({ charge: charge.id, limit: 100 }, whileLocked());
  const [latest] = data;
  if (latest === undefined) return;

  await tx
    .update(billingPayments)
    .set({ disputeStatus: latest.status })
    .where(and(eq(billingPayments.accountId, accountId), eq(billingPayments.id, paymentId)));
  for (const dispute of data.toReversed()) {
    await record(context, payment, dispute, 'opened');
    if (closed.has(dispute.status)) await record(context, payment, dispute, 'closed');
  }
}

/** Money is taken back at once when a dispute opens, and there is a day until which to answer it. */
async function record(
  { tx, log }: HandlerContext,
  { accountId, paymentId }: SyncedPayment,
  dispute: Stripe.Dispute,
  change: 'opened' | 'closed',
): Promise<void> {
  if (!(await firstTime(tx, accountId, `dispute.${change}:${dispute.id}`))) return;
  const { id: disputeId, amount, currency, reason, status } = dispute;
  const detail = { paymentId, disputeId, amount, currency, reason, status };
  const action = `payment.dispute_${change}`;
  recordAct(tx, { actor: 'stripe', action, subject: `account:${accountId}`, detail });
  const level = change === 'opened' ? 'error' : 'warn';
  tx.afterCommit(() => log[level]({ accountId, ...detail }, `a dispute was ${change}`));
}
