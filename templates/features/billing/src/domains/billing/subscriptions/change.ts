import { Stripe } from 'stripe';
import { validationFailed } from '#app/http/errors.ts';
import { paymentFailed, paymentOwed } from '../errors.ts';
import { planOfPrice, plans } from '../plans.ts';
import type { Choice } from '../prices.ts';
import { momentOf } from '../references.ts';
import { isOwed, planItemOf } from './subscription-values.ts';

/** What a change costs, in the smallest unit of the currency. */
export interface ChangePreview {
  readonly currency: string;
  /** Charged at once; 0 where the change gives credit. */
  readonly amountDueNow: number;
  /** Of the next invoice; null where there is none, since the subscription ends. */
  readonly nextAmount: number | null;
  /** The moment that it was reckoned for; null where nothing is prorated. */
  readonly prorationDate: Date | null;
}

/** What is wanted, and from when on where that is said. */
export interface ChangeChoice extends Choice {
  /** Of a preview. */
  readonly prorationDate?: Date | undefined;
}

/** Seconds for which what a preview has shown holds. */
const previewHolds = 3600;

interface Change {
  readonly items: { readonly id: string; readonly price: string; readonly quantity: number }[];
  readonly proration_behavior: typeof always | typeof never;
  /** Seconds since 1970. */
  readonly proration_date?: number;
}

/** A change as Stripe takes it: charged at once, and not made where that fails. */
export function changeOf(
  subscription: Stripe.Subscription,
  { plan, quantity, price, prorationDate }: ChangeChoice & { readonly price: string },
): Change {
  const item = planItemOf(subscription);
  const seats = plans[plan].perSeat ? (quantity ?? item.quantity ?? 1) : 1;
  return {
    items: [{ id: item.id, price, quantity: seats }],
    // While nothing is collected nothing is paid: to give credit for that time would be to give money.
    proration_behavior: subscription.pause_collection === null ? always : never,
    ...(prorationDate !== undefined && { proration_date: secondsOf(prorationDate) }),
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
const asks: ReadonlySet<string> = new Set([
  'authentication_required',
  'invoice_payment_intent_requires_action',
  'subscription_payment_intent_requires_action',
]);

/**
 * Waits for a change that is not made where its payment fails.
 *
 * @throws AppError payment_failed where the bank wants to ask its customer, which it cannot do here
 */
export async function unlessAsked<T>(changed: Promise<T>): Promise<T> {
  try {
    return await changed;
  } catch (error) {
    const isAsked = error instanceof Stripe.errors.StripeCardError && asks.has(error.code ?? '');
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
  subscription: Stripe.Subscription,
  change: Change,
): Promise<ChangePreview> {
  const [charged, next] = await Promise.all([
    reckon(stripe, subscription, change),
    unlessLast(reckon(stripe, subscription, { items: change.items, proration_behavior: never })),
  ]);
  // In a trial nothing is charged, nor while collection is paused: the invoice is the next one.
  const isFree = subscription.status === 'trialing' || change.proration_behavior === never;
  return {
    currency: charged.currency,
    amountDueNow: isFree ? 0 : charged.amount_due,
    nextAmount: next?.total ?? null,
    prorationDate: isFree ? null : momentOf(prorationDateOf(charged)),
  };
}

/**
 * Whoever names the moment from which a change counts could name one at which it costs nothing. What
 * time it is, Stripe says: the clock of a test may be another.
 *
 * @throws AppError (422) where it is not of a preview of the last hour, and of this period
 */
export async function requireRecent(
  stripe: Stripe,
  subscription: Stripe.Subscription,
  { proration_date: asked, ...change }: Change,
): Promise<void> {
  if (asked === undefined) return;
  const now = prorationDateOf(await reckon(stripe, subscription, change));
  const { current_period_start: start } = planItemOf(subscription);
  if (now !== null && asked <= now && asked >= Math.max(now - previewHolds, start)) return;
  const detail = 'It is not of a preview of the last hour: ask for a new one.';
  throw validationFailed({ detail, errors: [{ pointer: '#/prorationDate', detail }] });
}

function reckon(stripe: Stripe, { id }: Stripe.Subscription, change: Change) {
  return stripe.invoices.createPreview({ subscription: id, subscription_details: change });
}

function prorationDateOf({ parent }: Stripe.Invoice): number | null {
  return parent?.subscription_details?.subscription_proration_date ?? null;
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
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
