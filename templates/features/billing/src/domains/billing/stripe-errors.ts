// What Stripe's errors mean to whoever has called us: https://docs.stripe.com/error-handling
import { Stripe } from 'stripe';
import type { Log } from '#app/log.ts';
import { billingNotConfigured, paymentFailed, stripeUnavailable } from './errors.ts';

const { StripeAPIError, StripeCardError, StripeConnectionError, StripeInvalidRequestError } =
  Stripe.errors;
const { StripeAuthenticationError, StripeError, StripePermissionError, StripeRateLimitError } =
  Stripe.errors;

/** Seconds after which to ask again. */
const pause = 5;

/**
 * Waits for Stripe's answer to a request that somebody waits for.
 *
 * @throws AppError where a card was refused (402), Stripe does not answer, or does not accept our key
 *   for this (503); any other error is ours. It stays as it is but for Stripe's words, which may
 *   quote an address and are not for the log
 */
export async function fromStripe<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toAppError(error);
  }
}

/** Has the log say each time that Stripe does not accept the key, or not for what was asked. */
export function logRefusedKeys(stripe: Stripe, log: Log): Stripe {
  stripe.on('response', (answer: Stripe.ResponseEvent) => {
    const { status, method, path, request_id: requestId } = answer;
    // What comes after the path may be an address.
    const asked = { method, path: path.split('?')[0], stripeRequestId: requestId };
    if (status === 401) log.error(asked, 'Stripe does not accept STRIPE_SECRET_KEY');
    if (status === 403) log.error(asked, 'STRIPE_SECRET_KEY lacks a permission at Stripe for this');
  });
  return stripe;
}

function toAppError(error: unknown): unknown {
  if (error instanceof StripeCardError) return paymentFailed({ detail: reasonOf(error) });
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    return billingNotConfigured({ detail: 'Stripe does not accept the key of this service.' });
  }
  const isAway =
    error instanceof StripeConnectionError ||
    error instanceof StripeRateLimitError ||
    // Its own failures, and a request that goes on at this moment under the same key.
    error instanceof StripeAPIError;
  if (isAway) return stripeUnavailable({ retryAfter: pause });
  return error instanceof StripeError ? withoutWords(error) : error;
}

function withoutWords(error: Stripe.errors.StripeError): Stripe.errors.StripeError {
  const { statusCode, requestId } = error;
  const value = `Stripe refused a request (${statusCode} ${requestId})`;
  return Object.defineProperty(error, 'message', { value });
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
  if (!(error instanceof StripeError) || error.statusCode === undefined) return false;
  // Beyond 500 it is what stands before Stripe that answers: the request may still be under way.
  return error.statusCode >= 400 && error.statusCode <= 500 && !passing.has(error.statusCode);
}
