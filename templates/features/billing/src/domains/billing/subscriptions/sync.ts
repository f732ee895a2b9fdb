import type { HandlerContext } from '../webhooks/handler.ts';

/** Writes what Stripe says of a subscription now. */
export async function syncSubscription(
  _context: HandlerContext,
  _stripeSubscriptionId: string,
): Promise<void> {}
