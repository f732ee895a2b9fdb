import { AsyncLocalStorage } from 'node:async_hooks';
import { Stripe } from 'stripe';
import { billingNotConfigured } from './errors.ts';
import type { BillingSettings } from './settings.ts';
import { HandlerError } from './webhooks/handler.ts';

type StripeSettings = Pick<BillingSettings, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE'>;

/** Milliseconds for a request that a person waits for. */
const patience = 10_000;

/** Milliseconds for one request of a handler, and for all requests of one attempt. */
const eachWhileLocked = 2500;
const allWhileLocked = 6000;

const budgets = new AsyncLocalStorage<{ endsAt?: number }>();

/**
 * Does something whose requests with `whileLocked` have one budget of time, from the first of them
 * on.
 */
export function withinBudget<T>(work: () => Promise<T>): Promise<T> {
  return budgets.run({}, work);
}

/**
 * What a handler of an event passes with each request: it holds a row's lock meanwhile, so it gives
 * up soon, and the whole event is tried again later.
 *
 * @throws HandlerError where the time of the attempt is used up
 */
export function whileLocked(): { readonly timeout: number; readonly maxNetworkRetries: 0 } {
  return { timeout: timeLeft(), maxNetworkRetries: 0 };
}

/** In milliseconds, for one request. */
function timeLeft(): number {
  const budget = budgets.getStore();
  if (budget === undefined) return eachWhileLocked;
  budget.endsAt ??= performance.now() + allWhileLocked;
  const left = Math.ceil(budget.endsAt - performance.now());
  if (left <= 0) throw new HandlerError('Stripe was too slow');
  return Math.min(eachWhileLocked, left);
}

/**
 * Makes the client of Stripe's API, at the version that the SDK is made for.
 *
 * @throws AppError (503) where there is no key
 */
export function stripeClient({ STRIPE_SECRET_KEY, STRIPE_API_BASE }: StripeSettings): Stripe {
  if (STRIPE_SECRET_KEY === undefined) {
    throw billingNotConfigured({ detail: 'STRIPE_SECRET_KEY is not set.' });
  }
  const options = { timeout: patience, maxNetworkRetries: 1, telemetry: false };
  if (STRIPE_API_BASE === undefined) return new Stripe(STRIPE_SECRET_KEY, options);
  const { hostname, port, protocol } = new URL(STRIPE_API_BASE);
  return new Stripe(STRIPE_SECRET_KEY, {
    ...options,
    host: hostname,
    port: port || (protocol === 'https:' ? 443 : 80),
    protocol: protocol === 'https:' ? 'https' : 'http',
  });
}

/** Whether money is real, by the prefix of the secret key. */
export function isLive({ STRIPE_SECRET_KEY = '' }: StripeSettings): boolean {
  return /^(?:sk|rk)_live_/.test(STRIPE_SECRET_KEY);
}
