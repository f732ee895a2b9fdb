import { handleCheckout } from './checkout-session.ts';
import { defineHandler } from '../handler.ts';

export const checkoutSessionCompleted = defineHandler({
  type: 'checkout.session.completed',
  handle: ({ data }, context) => handleCheckout(context, data.object),
});
