import type { Stripe } from 'stripe';
import type { State } from '../state.ts';

/** Ends a subscription now, and says why. */
export function cancelSubscription(
  state: State,
  subscription: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason = 'cancellation_requested',
): void {
  const at = state.now();
  Object.assign(subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? at,
    ended_at: at,
    cancel_at: subscription.cancel_at,
    pause_collection: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
  });
  for (const invoice of state.invoices.values()) {
    const owner = invoice.parent?.subscription_details?.subscription;
    // What was owed for it stays owed, but is no longer asked for.
    if (owner === subscription.id && invoice.status === 'open') {
      Object.assign(invoice, { next_payment_attempt: null, auto_advance: false });
    }
  }
  state.emit('customer.subscription.deleted', subscription);
}
