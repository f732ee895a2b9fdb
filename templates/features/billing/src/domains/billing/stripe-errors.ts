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
