import { desc } from 'drizzle-orm';
import { billingPayments } from '../models.ts';
import { refundedOf } from '../refunds/refunded-of.ts';
import type { BillingDeps } from '../service.ts';

export interface Payment extends Pick<
  typeof billingPayments.$inferSelect,
  | 'id'
  | 'invoiceId'
  | 'stripePaymentIntentId'
  | 'stripeChargeId'
  | 'currency'
  | 'amount'
  | 'disputeStatus'
  | 'paidAt'
> {
  /** What was sent back of it, or is to be. */
  readonly refunded: number;
}

export interface Payments {
  /** An account's payments, the newest first. */
  list(accountId: string, options: { readonly limit: number }): Promise<Payment[]>;
  find(accountId: string, id: string): Promise<Payment | undefined>;
}

export function openPayments({ database }: Pick<BillingDeps, 'database'>): Payments {
  const { queries } = database;

  return {
    async list(accountId, { limit }) {
      const rows = await database.withAccount(accountId).list(billingPayments, {
        orderBy: [desc(billingPayments.paidAt), desc(billingPayments.id)],
        limit,
      });
      const refunded = await refundedOf(
        queries,
        accountId,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => Object.assign(row, { refunded: refunded.get(row.id) ?? 0 }));
    },

    async find(accountId, id) {
      const row = await database.withAccount(accountId).find(billingPayments, id);
      if (row === undefined) return undefined;
      const refunded = await refundedOf(queries, accountId, [id]);
      return { ...row, refunded: refunded.get(id) ?? 0 };
    },
  };
}
