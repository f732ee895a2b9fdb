import { syncRefunded } from './charge.ts';
import { defineHandler } from '../handler.ts';

export const refundFailed = defineHandler({
  type: 'refund.failed',
  handle: ({ data }, context) => syncRefunded(context, data.object),
});
