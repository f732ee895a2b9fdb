import { and, desc, eq, notInArray, sum } from 'drizzle-orm';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { notFound } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { refundTooLarge } from '../errors.ts';
import { billingPayments, billingRefunds } from '../models.ts';
import { formatMoney } from '../money.ts';
import type { BillingDeps } from '../service.ts';
import { refundDelivery } from './refund-delivery.ts';

const shown = {
  id: billingRefunds.id,
  paymentId: billingRefunds.paymentId,
  currency: billingRefunds.currency,
  amount: billingRefunds.amount,
  reason: billingRefunds.reason,
  status: billingRefunds.status,
  failure: billingRefunds.failure,
  requestedBy: billingRefunds.requestedBy,
  createdAt: billingRefunds.createdAt,
};

export type Refund = Pick<typeof billingRefunds.$inferSelect, keyof typeof shown>;

export interface RefundRequest {
  readonly accountId: string;
  readonly paymentId: string;
  /** In the smallest unit of the payment's currency: 1 or more. */
  readonly amount: number;
  readonly reason: Refund['reason'];
  /** Who asks for it, as the audit log calls them. */
  readonly requestedBy: string;
}

export interface Refunds {
  /**
   * Has money sent back. It is asked of Stripe afterwards, as often as it takes to be heard, and
   * sent once; what became of it shows in the refund's status.
   *
   * @throws AppError refund_too_large where less than that is left of the payment, not_found where
   *   the account has no such payment
   */
  request(request: RefundRequest): Promise<Refund>;
  /** An account's refunds, the newest first. */
  list(accountId: string): Promise<Refund[]>;
}

/** Refunds that send nothing, so that the money can be sent again. */
const undone = ['failed', 'canceled'] as const;

export function openRefunds({ database, outbox }: BillingDeps): Refunds {
  return {
    request: (request) =>
      database.transaction(async (tx) => {
        const { currency } = await lockPayment(tx, request);
        const { accountId, paymentId, amount, reason, requestedBy } = request;
        const id = newId();
        const row = { accountId, id, paymentId, currency, amount, reason, requestedBy };
        await tx.insert(billingRefunds).values({ ...row, status: 'requested' });
        await outbox.enqueue(tx, refundDelivery, { accountId, refundId: id });
        const refund = await findRefund(tx, accountId, id);
        recordAct(tx, {
          actor: requestedBy,
          action: 'refund.requested',
          subject: `account:${accountId}`,
          detail: { refundId: id, paymentId, amount, currency, reason },
        });
        return refund;
      }),

    list: (accountId) =>
      database.queries
        .select(shown)
        .from(billingRefunds)
        .where(eq(billingRefunds.accountId, accountId))
        .orderBy(desc(billingRefunds.createdAt), desc(billingRefunds.id)),
  };
}

/** Locks the payment: of concurrent requests, the second sees what the first has left. */
async function lockPayment(
  tx: Transaction,
  { accountId, paymentId, amount }: RefundRequest,
): Promise<{ currency: string }> {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new RangeError('No amount to refund');
  const [payment] = await tx
    .select({ amount: billingPayments.amount, currency: billingPayments.currency })
    .from(billingPayments)
    .where(and(eq(billingPayments.accountId, accountId), eq(billingPayments.id, paymentId)))
    .for('update');
  if (payment === undefined) throw notFound();

  const { currency } = payment;
  const left = payment.amount - (await refundedOf(tx, accountId, paymentId));
  if (amount > left) {
    throw refundTooLarge({ detail: `${formatMoney(left, currency)} is left of the payment.` });
  }
  return { currency };
}

async function refundedOf(tx: Transaction, accountId: string, paymentId: string): Promise<number> {
  const [row] = await tx
    .select({ amount: sum(billingRefunds.amount).mapWith(Number) })
    .from(billingRefunds)
    .where(
      and(
        eq(billingRefunds.accountId, accountId),
        eq(billingRefunds.paymentId, paymentId),
        notInArray(billingRefunds.status, [...undone]),
      ),
    );
  return row?.amount ?? 0;
}

async function findRefund(tx: Transaction, accountId: string, id: string): Promise<Refund> {
  const [refund] = await tx
    .select(shown)
    .from(billingRefunds)
    .where(and(eq(billingRefunds.accountId, accountId), eq(billingRefunds.id, id)));
  if (refund === undefined) throw new Error('A refund that was just written is not there');
  return refund;
}
