import { handleCheckout } from './checkout-session.ts';
import { defineHandler } from '../handler.ts';

export const checkoutSessionExpired = defineHandler({
  type: 'checkout.session.expired',
  handle: ({ data }, context) => handleCheckout(context, data.object),
});
