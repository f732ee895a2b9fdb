import { handleCheckout } from './checkout-session.ts';
import { defineHandler } from '../handler.ts';

export const checkoutSessionAsyncPaymentSucceeded = defineHandler({
  type: 'checkout.session.async_payment_succeeded',
  handle: ({ data }, context) => handleCheckout(context, data.object),
});
