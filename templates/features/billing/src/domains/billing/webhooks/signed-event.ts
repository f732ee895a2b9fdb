import { z } from 'zod';
import { malformedRequest } from '#app/http/errors.ts';
import { billingNotConfigured, invalidSignature } from '../errors.ts';
import type { BillingSettings } from '../settings.ts';
import { isSigned } from './signature.ts';

/** What the inbox has to know of an event; the rest is for its handler. */
export interface SignedEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly apiVersion: string | null;
  /** Unix seconds. */
  readonly created: number;
  /** The bytes that were signed. */
  readonly payload: Buffer;
}

const eventSchema = z.object({
  object: z.literal('event'),
  id: z.string().regex(/^evt_\w{1,250}$/),
  type: z.string().regex(/^[\w.]{1,100}$/),
  livemode: z.boolean(),
  // It only informs: one that its column has no room for is no reason to refuse the event.
  api_version: z
    .string()
    .regex(/^[\x20-\x7E]+$/)
    .transform((version) => version.slice(0, 40))
    .nullish(),
  created: z.int().min(0),
});

/**
 * Reads what a sender says is an event of Stripe.
 *
 * @param signature the header `Stripe-Signature`
 * @throws AppError (400) where it is not signed, or no event; (503) where no secret is set
 */
export function readSignedEvent(
  { STRIPE_WEBHOOK_SECRETS: secrets }: Pick<BillingSettings, 'STRIPE_WEBHOOK_SECRETS'>,
  payload: Buffer,
  signature: string | undefined,
): SignedEvent {
  if (secrets === undefined) {
    throw billingNotConfigured({ detail: 'STRIPE_WEBHOOK_SECRETS is not set.' });
  }
  const text = payload.toString();
  if (signature === undefined || !isSigned(text, signature, secrets)) throw invalidSignature();

  const { data } = eventSchema.safeParse(parseJson(text));
  if (data === undefined) throw malformedRequest({ detail: 'This is no event of Stripe.' });
  const { id, type, livemode, api_version: apiVersion = null, created } = data;
  return { id, type, livemode, apiVersion, created, payload };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
