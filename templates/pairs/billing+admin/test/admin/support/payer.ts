import type { TestBilling } from '../../billing/support/billing.ts';
import {
  allProcessed,
  newSubscriber,
  select,
  subscribeAtStripe,
  type Subscriber,
} from '../../billing/support/subscriber.ts';

export interface PaidCharge {
  readonly id: string;
  readonly chargeId: string;
  /** In the smallest unit. */
  readonly amount: number;
  /** Its page in the admin area. */
  readonly path: string;
}

/** A customer who has paid for a subscription, without a trial. */
export interface Payer extends Subscriber {
  readonly userId: string;
  readonly payment: PaidCharge;
}

/** Has a new customer subscribe to a price of Stripe's, and pay. */
export async function newPayer(billing: TestBilling, lookupKey = 'pro_month'): Promise<Payer> {
  const subscriber = await newSubscriber(billing);
  // Who has a customer at Stripe has begun a checkout; that page is left.
  await subscriber.checkout();
  await subscribeAtStripe(billing, await subscriber.customerId(), lookupKey);
  await allProcessed(billing);
  const [user] = await select(billing, 'SELECT id FROM users WHERE email = ?', subscriber.email);
  return Object.assign(subscriber, {
    userId: String(user?.['id']),
    payment: await paymentOf(subscriber),
  });
}

async function paymentOf(subscriber: Subscriber): Promise<PaidCharge> {
  const [row] = await subscriber.rows('billing_payments');
  if (row === undefined) throw new Error('Nothing was paid');
  const { id, stripe_charge_id: chargeId, amount } = row;
  return { id, chargeId, amount, path: `/admin/payments/${subscriber.accountId}/${id}` };
}
