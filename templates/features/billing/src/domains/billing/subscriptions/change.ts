import { Stripe } from 'stripe';
import { paymentFailed, paymentOwed } from '../errors.ts';
import { planOfPrice, plans } from '../plans.ts';
import type { Choice } from '../prices.ts';
import { isOwed, planItemOf } from './subscription-values.ts';

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
    // While nothing is collected nothing is paid: to give credit for that time would be to give money.
    proration_behavior: subscription.pause_collection === null ? always : never,
  };
}

const always = 'always_invoice';
const never = 'none';

/**
 * Credit is given for the time that is left of a period, and while payment is owed that time was
 * never paid for.
 *
 * @param subscription with its latest invoice
 * @throws AppError payment_owed, with the page on which it can be paid
 */
export function requirePaid({ status, latest_invoice: invoice }: Stripe.Subscription): void {
  if (!isOwed(status)) return;
  const page = typeof invoice === 'object' ? invoice?.hosted_invoice_url : undefined;
  const where = page ?? 'on the page that POST /v1/billing/portal opens';
  throw paymentOwed({ detail: `Pay the open invoice first: ${where}` });
}

/**
 * The price of the subscription as it is, where plan and interval stay: whoever buys one more seat
 * goes on with the price that was bought, whatever others pay today.
 */
export function keptPriceOf(
  subscription: Stripe.Subscription,
  { plan, interval }: Choice,
): string | undefined {
  const { price } = planItemOf(subscription);
  const stays =
    planOfPrice(price.lookup_key, price.metadata) === plan &&
    price.recurring?.interval === interval;
  return stays ? price.id : undefined;
}

export function isNoChange(subscription: Stripe.Subscription, { items }: Change): boolean {
  const { price, quantity } = planItemOf(subscription);
  return items.every((each) => each.price === price.id && each.quantity === (quantity ?? 1));
}

/** Codes of https://docs.stripe.com/error-codes that mean that the bank wants to ask its customer. */
const asks = [
  'authentication_required',
  'invoice_payment_intent_requires_action',
  'subscription_payment_intent_requires_action',
];

/**
 * Waits for a change that is not made where its payment fails.
 *
 * @throws AppError payment_failed where the bank wants to ask its customer, which it cannot do here
 */
export async function unlessAsked<T>(changed: Promise<T>): Promise<T> {
  try {
    return await changed;
  } catch (error) {
    const isAsked = error instanceof Stripe.errors.StripeCardError && asks.includes(error.code ?? '');
    if (!isAsked) throw error;
    throw paymentFailed({
      detail:
        'The bank wants this payment confirmed. Change the plan on the page that POST /v1/billing/portal opens: there it can ask.',
    });
  }
}

/** Has Stripe reckon what a change would cost. */
export async function previewOf(
  stripe: Stripe,
  { id, status }: Stripe.Subscription,
  { items, proration_behavior: now }: Change,
): Promise<ChangePreview> {
  const preview = (proration: typeof now) =>
    stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { items, proration_behavior: proration },
    });
  const [charged, next] = await Promise.all([preview(now), unlessLast(preview(never))]);
  return {
    currency: charged.currency,
    // In a trial nothing is charged, nor while collection is paused: the invoice is the next one.
    amountDueNow: status === 'trialing' || now === never ? 0 : charged.amount_due,
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
