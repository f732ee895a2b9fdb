// What Stripe's errors mean to whoever has called us: https://docs.stripe.com/error-handling
import { Stripe } from 'stripe';
import { paymentFailed, stripeUnavailable } from './errors.ts';

const { StripeAPIError, StripeCardError, StripeConnectionError, StripeInvalidRequestError } =
  Stripe.errors;
const { StripeRateLimitError } = Stripe.errors;

/** Seconds after which to ask again. */
const pause = 5;

/**
 * Waits for Stripe's answer to a request that somebody waits for.
 *
 * @throws AppError where a card was refused (402), or Stripe does not answer (503); any other error
 *   is ours, and stays as it is
 */
export async function fromStripe<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toAppError(error);
  }
}

function toAppError(error: unknown): unknown {
  if (error instanceof StripeCardError) return paymentFailed({ detail: reasonOf(error) });
  const isAway =
    error instanceof StripeConnectionError ||
    error instanceof StripeRateLimitError ||
    // Its own failures, and a request that goes on at this moment under the same key.
    error instanceof StripeAPIError;
  return isAway ? stripeUnavailable({ retryAfter: pause }) : error;
}

/**
 * Stripe writes the message and the code for the customer. What the bank says beyond it is not: it
 * may be that the card is reported as stolen (https://docs.stripe.com/declines/codes).
 */
function reasonOf({ message, code }: Stripe.errors.StripeCardError): string {
  return code === undefined ? message : `${message} (${code})`;
}

/** Stripe has no such object. */
export function isMissing(error: unknown, parameter?: string): boolean {
  return (
    isRefusal(error) &&
    error.code === 'resource_missing' &&
    (parameter === undefined || error.param === parameter)
  );
}

/** Stripe does not do this, however often it is asked. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof StripeInvalidRequestError;
}

/** What is answered before anything is done, or because of something that is under way. */
const passing = new Set([401, 403, 409, 429]);

/**
 * Stripe has kept this answer under the key of the request, and gives it for a day to whoever asks
 * with that key again, though the cause be gone: https://docs.stripe.com/api/idempotent_requests
 */
export function isKept(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode === undefined) return false;
  // Beyond 500 it is what stands before Stripe that answers: the request may still be under way.
  return error.statusCode >= 400 && error.statusCode <= 500 && !passing.has(error.statusCode);
}
