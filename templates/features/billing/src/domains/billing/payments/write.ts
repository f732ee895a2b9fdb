import { eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { billingPayments } from '../models.ts';
import { idOf, momentOf } from '../references.ts';

/**
 * Writes a charge that has succeeded; the account has to be locked.
 *
 * @param invoiceId our id of the invoice that it is for; where it is left out, it stays as it is
 * @returns our id of the payment
 */
export async function writePayment(
  tx: Transaction,
  accountId: string,
  charge: Stripe.Charge,
  invoiceId?: string,
): Promise<string> {
  const mine = eq(billingPayments.stripeChargeId, charge.id);
  const columns = { ...columnsOf(charge), ...(invoiceId !== undefined && { invoiceId }) };
  const [row] = await tx.select({ id: billingPayments.id }).from(billingPayments).where(mine);
  if (row !== undefined) {
    await tx.update(billingPayments).set(columns).where(mine);
    return row.id;
  }
  const id = newId();
  const keys = { accountId, id, stripeChargeId: charge.id };
  await tx.insert(billingPayments).values({ ...keys, ...columns });
  return id;
}

function columnsOf(charge: Stripe.Charge) {
  return {
    stripePaymentIntentId: idOf(charge.payment_intent) ?? null,
    currency: charge.currency,
    amount: charge.amount_captured,
    amountRefunded: charge.amount_refunded,
    paidAt: momentOf(charge.created),
  };
}
