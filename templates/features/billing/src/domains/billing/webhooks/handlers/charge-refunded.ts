import { syncPayment } from '../../payments/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const chargeRefunded = defineHandler({
  type: 'charge.refunded',
  async handle({ data: { object } }, context) {
    await syncPayment(context, object.id, idOf(object.customer));
  },
});
