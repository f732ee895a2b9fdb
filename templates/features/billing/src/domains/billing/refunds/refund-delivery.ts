import { z } from 'zod';
import { defineDelivery } from '#app/platform/outbox/delivery.ts';

export const refundDelivery = defineDelivery({
  kind: 'stripe.refund',
  payload: z.strictObject({ accountId: z.string(), refundId: z.string() }),
  deliver: async () => {},
});
