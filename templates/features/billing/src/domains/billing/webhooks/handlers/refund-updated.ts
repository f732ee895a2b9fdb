import { syncRefunded } from './charge.ts';
import { defineHandler } from '../handler.ts';

export const refundUpdated = defineHandler({
  type: 'refund.updated',
  handle: ({ data }, context) => syncRefunded(context, data.object),
});
