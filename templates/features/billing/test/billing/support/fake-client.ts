import type { Stripe } from 'stripe';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import type { FakeStripe } from '../../../dev/stripe/fake-stripe.ts';

type Reached = Pick<FakeStripe, 'url' | 'secretKey' | 'webhookSecret'>;

/** What a service must be told to talk to that Stripe, and to believe its events. */
export function stripeEnvironment({
  url,
  secretKey,
  webhookSecret,
}: Reached): Record<'STRIPE_SECRET_KEY' | 'STRIPE_WEBHOOK_SECRETS' | 'STRIPE_API_BASE', string> {
  return {
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_WEBHOOK_SECRETS: webhookSecret,
    STRIPE_API_BASE: url,
  };
}

/** The client of the service itself, for that Stripe. */
export function clientOf(fake: Reached): Stripe {
  const { STRIPE_SECRET_KEY, STRIPE_API_BASE } = stripeEnvironment(fake);
  return stripeClient({ STRIPE_SECRET_KEY, STRIPE_API_BASE });
}
