import { firstTime } from '../../effects.ts';
import { onPaid } from '../../on-paid.ts';
import { idOf } from '../../references.ts';
import { defineHandler, type Handler } from '../handler.ts';
import { syncWithSubscription } from './invoice.ts';

/**
 * Writes an invoice that was paid, with the subscription that owes it no more, and has its effect once.
 *
 * @param effect commits together with the invoice
 */
export function invoicePaidWith(effect: typeof onPaid): Handler<'invoice.paid'> {
  return defineHandler({
    type: 'invoice.paid',
    async handle({ data: { object } }, context) {
      const synced = await syncWithSubscription(context, object.id, idOf(object.customer));
      if (synced?.invoice.status !== 'paid') return;
      if (!(await firstTime(context.tx, synced.accountId, `invoice.paid:${object.id}`))) return;
      await effect(context, synced);
    },
  });
}

export const invoicePaid = invoicePaidWith(onPaid);
