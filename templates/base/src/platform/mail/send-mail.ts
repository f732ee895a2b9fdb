import type { Transaction } from '#app/database/transaction.ts';
import { defineDelivery } from '../outbox/delivery.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Mail } from './mail.ts';
import { StoredMail } from './stored-mail.ts';

export const mailDelivery = defineDelivery({
  kind: 'mail',
  payload: StoredMail,
  deliver: (mail, { key, signal, services }) => services.mailer.send(mail, key, signal),
});

/** Sends a mail when the transaction is committed, and not at all where it is rolled back. */
export async function sendMail(outbox: Outbox, tx: Transaction, mail: Mail): Promise<void> {
  await outbox.enqueue(tx, mailDelivery, mail);
}
