import { handleCheckout } from './checkout-session.ts';
import { defineHandler } from '../handler.ts';

export const checkoutSessionAsyncPaymentFailed = defineHandler({
  type: 'checkout.session.async_payment_failed',
  handle: ({ data }, context) => handleCheckout(context, data.object),
});
