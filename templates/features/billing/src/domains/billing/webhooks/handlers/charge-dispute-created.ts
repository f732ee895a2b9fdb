import { syncDisputed } from './charge.ts';
import { defineHandler } from '../handler.ts';

export const chargeDisputeCreated = defineHandler({
  type: 'charge.dispute.created',
  handle: ({ data }, context) => syncDisputed(context, data.object),
});
