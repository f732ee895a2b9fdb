import { firstTime } from '../../effects.ts';
import { syncInvoice } from '../../invoices/sync.ts';
import { onPaid } from '../../on-paid.ts';
import { idOf } from '../../references.ts';
import { defineHandler, type Handler } from '../handler.ts';

/**
 * Writes an invoice that was paid, and has its effect once.
 *
 * @param effect commits together with the invoice
 */
export function invoicePaidWith(effect: typeof onPaid): Handler<'invoice.paid'> {
  return defineHandler({
    type: 'invoice.paid',
    async handle({ data: { object } }, context) {
      const synced = await syncInvoice(context, object.id, idOf(object.customer));
      if (synced?.invoice.status !== 'paid') return;
      if (!(await firstTime(context.tx, synced.accountId, `invoice.paid:${object.id}`))) return;
      await effect(context, synced);
    },
  });
}

export const invoicePaid = invoicePaidWith(onPaid);
