import { Stripe } from 'stripe';

/** Seconds that the clocks of the sender and of this service may differ, and a delivery may take. */
const tolerance = 300;

/**
 * Whether Stripe has signed this, and just now: a delivery is signed anew each time it is tried.
 * https://docs.stripe.com/webhooks/signature
 *
 * @param header `Stripe-Signature`
 * @param secrets the endpoint's; while one is being rolled Stripe signs with each
 */
export function isSigned(payload: string, header: string, secrets: readonly string[]): boolean {
  // The SDK refuses what is too old, and nothing that comes from the future.
  if (signedAt(header) > Date.now() / 1000 + tolerance) return false;
  return secrets.some((secret) => isSignedWith(payload, header, secret));
}

function isSignedWith(payload: string, header: string, secret: string): boolean {
  try {
    return Stripe.webhooks.signature?.verifyHeader(payload, header, secret, tolerance) === true;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

/** Unix seconds. The last one counts, as it does for the SDK. */
function signedAt(header: string): number {
  const last = header.split(',').findLast((part) => part.startsWith('t='));
  return Number.parseInt(last?.slice('t='.length) ?? '', 10);
}
