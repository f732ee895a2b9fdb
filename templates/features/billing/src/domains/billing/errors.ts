import { defineError } from '#app/errors.ts';

export const billingNotConfigured = defineError(
  'billing_not_configured',
  503,
  'Billing is not set up',
);
export const stripeUnavailable = defineError('stripe_unavailable', 503, 'Stripe does not answer');
export const invalidSignature = defineError('invalid_signature', 400, 'Signature is not valid');
export const paymentFailed = defineError('payment_failed', 402, 'The payment was refused');
export const checkoutReplaced = defineError(
  'checkout_replaced',
  409,
  'Another checkout has taken its place',
);
export const alreadySubscribed = defineError('already_subscribed', 409, 'Already subscribed');
export const notSubscribed = defineError('not_subscribed', 409, 'Not subscribed');
export const paymentOwed = defineError('payment_owed', 409, 'A payment is owed');
export const featureNotInPlan = defineError(
  'feature_not_in_plan',
  403,
  'The plan does not have this',
);
export const planLimitReached = defineError(
  'plan_limit_reached',
  403,
  'The plan allows no more of these',
);
export const refundTooLarge = defineError(
  'refund_too_large',
  409,
  'More than what is left of the payment',
);
export const refundOutdated = defineError(
  'refund_outdated',
  409,
  'Something of the payment was refunded meanwhile',
);
