import { syncInvoice } from '../../invoices/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const invoiceMarkedUncollectible = defineHandler({
  type: 'invoice.marked_uncollectible',
  async handle({ data: { object } }, context) {
    await syncInvoice(context, object.id, idOf(object.customer));
  },
});
