import { syncInvoice } from '../../invoices/sync.ts';
import { idOf } from '../../references.ts';
import { defineHandler } from '../handler.ts';

export const invoiceFinalized = defineHandler({
  type: 'invoice.finalized',
  async handle({ data: { object } }, context) {
    await syncInvoice(context, object.id, idOf(object.customer));
  },
});
