import { Stripe } from 'stripe';
import { plans } from '../plans.ts';
import type { Choice } from '../prices.ts';
import { planItemOf } from './subscription-values.ts';

/** What a change costs, in the smallest unit of the currency. */
export interface ChangePreview {
  readonly currency: string;
  /** Charged at once; 0 where the change gives credit. */
  readonly amountDueNow: number;
  /** Of the next invoice; null where there is none, since the subscription ends. */
  readonly nextAmount: number | null;
}

type Change = ReturnType<typeof changeOf>;

/** A change as Stripe takes it: charged at once, and not made where that fails. */
export function changeOf(
  subscription: Stripe.Subscription,
  { plan, quantity, price }: Choice & { readonly price: string },
) {
  const item = planItemOf(subscription);
  const seats = plans[plan].perSeat ? (quantity ?? item.quantity ?? 1) : 1;
  return {
    items: [{ id: item.id, price, quantity: seats }],
    proration_behavior: 'always_invoice' as const,
  };
}

export function isNoChange(subscription: Stripe.Subscription, { items }: Change): boolean {
  const { price, quantity } = planItemOf(subscription);
  return items.every((each) => each.price === price.id && each.quantity === (quantity ?? 1));
}

/** Has Stripe reckon what a change would cost. */
export async function previewOf(
  stripe: Stripe,
  { id, status }: Stripe.Subscription,
  { items, proration_behavior: now }: Change,
): Promise<ChangePreview> {
  const preview = (proration: typeof now | 'none') =>
    stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { items, proration_behavior: proration },
    });
  const [charged, next] = await Promise.all([preview(now), unlessLast(preview('none'))]);
  return {
    currency: charged.currency,
    // In a trial nothing is charged: the invoice is the one after it.
    amountDueNow: status === 'trialing' ? 0 : charged.amount_due,
    nextAmount: next?.total ?? null,
  };
}

async function unlessLast(preview: Promise<Stripe.Invoice>): Promise<Stripe.Invoice | undefined> {
  try {
    return await preview;
  } catch (error) {
    const none = error instanceof Stripe.errors.StripeInvalidRequestError;
    if (none && error.code === 'invoice_upcoming_none') return undefined;
    throw error;
  }
}
