import { syncDisputed } from './charge.ts';
import { defineHandler } from '../handler.ts';

export const chargeDisputeClosed = defineHandler({
  type: 'charge.dispute.closed',
  handle: ({ data }, context) => syncDisputed(context, data.object),
});
