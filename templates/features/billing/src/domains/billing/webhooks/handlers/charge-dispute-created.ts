import { syncPayment } from '../../payments/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const chargeDisputeCreated = defineHandler({
  type: 'charge.dispute.created',
  async handle({ data: { object } }, context) {
    const charge = idOf(object.charge);
    if (charge !== undefined) await syncPayment(context, charge);
  },
});
