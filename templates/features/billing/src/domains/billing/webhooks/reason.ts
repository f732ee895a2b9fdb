import { Stripe } from 'stripe';
import { AppError } from '#app/errors.ts';
import { failureOf, type Failure } from '#app/platform/failure.ts';
import { HandlerError } from './handler.ts';

/** Why an attempt failed. A message is told only where nothing of a customer can be in it. */
export function reasonOf(error: unknown): Failure {
  if (error instanceof HandlerError) return { reason: error.message };
  if (error instanceof AppError) return { reason: error.kind.code };
  if (!(error instanceof Stripe.errors.StripeError)) return failureOf(error);
  const { type, code, statusCode, requestId } = error;
  const told = [type, code, statusCode, requestId].filter((part) => part !== undefined);
  return { ...failureOf(error), reason: told.join(' ') };
}
