import { eq } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { billingInvoices } from '../models.ts';
import { writePayment } from '../payments/write.ts';
import { momentOf } from '../references.ts';
import { whileLocked } from '../stripe.ts';
import type { HandlerContext } from '../webhooks/handler.ts';

/** Reads an invoice from Stripe and writes it with its payments; the account has to be locked. */
export async function writeInvoice(
  context: HandlerContext,
  accountId: string,
  stripeInvoiceId: string,
): Promise<{ id: string; invoice: Stripe.Invoice }> {
  const { tx, stripe } = context;
  const invoice = await stripe.invoices.retrieve(stripeInvoiceId, {}, whileLocked());
  const charges = invoice.amount_paid > 0 ? await chargesFor(stripe, invoice.id) : [];
  // From the first row on that names the account, the account's own row is locked as well.
  const id = await writeRow(tx, accountId, invoice);
  for (const charge of charges) await writePayment(tx, accountId, charge, id);
  return { id, invoice };
}

/** Where it is there already it keeps its id: nobody else writes it meanwhile. */
async function writeRow(
  tx: Transaction,
  accountId: string,
  invoice: Stripe.Invoice,
): Promise<string> {
  const mine = eq(billingInvoices.stripeInvoiceId, invoice.id);
  const [row] = await tx.select({ id: billingInvoices.id }).from(billingInvoices).where(mine);
  if (row !== undefined) {
    await tx.update(billingInvoices).set(columnsOf(invoice)).where(mine);
    return row.id;
  }
  const id = newId();
  const keys = { accountId, id, stripeInvoiceId: invoice.id };
  await tx.insert(billingInvoices).values({ ...keys, ...columnsOf(invoice) });
  return id;
}

function columnsOf(invoice: Stripe.Invoice) {
  const { finalized_at: finalizedAt } = invoice.status_transitions;
  return {
    number: invoice.number,
    status: statusOf(invoice),
    currency: invoice.currency,
    total: invoice.total,
    amountPaid: invoice.amount_paid,
    amountDue: invoice.amount_due,
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    nextAttemptAt: momentOf(invoice.next_payment_attempt),
    issuedAt: momentOf(finalizedAt ?? invoice.created),
  };
}

/** A status that this version of the API does not have is as good as none. */
function statusOf({ status }: Stripe.Invoice) {
  return billingInvoices.status.enumValues.find((known) => known === status) ?? 'draft';
}

/** Payments that were made without Stripe have no charge, and are not written. */
async function chargesFor(stripe: Stripe, invoice: string): Promise<Stripe.Charge[]> {
  const { data } = await stripe.invoicePayments.list(
    {
      invoice,
      status: 'paid',
      limit: 100,
      // As deep as Stripe allows: from the invoice itself it would be a level too many.
      expand: ['data.payment.payment_intent.latest_charge'],
    },
    whileLocked(),
  );
  const charges: Stripe.Charge[] = [];
  for (const { payment } of data) {
    const charge = await chargeOf(stripe, payment);
    if (charge !== undefined) charges.push(charge);
  }
  return charges;
}

async function chargeOf(
  stripe: Stripe,
  { charge, payment_intent: intent }: Stripe.InvoicePayment.Payment,
): Promise<Stripe.Charge | undefined> {
  const latest = typeof intent === 'object' ? intent.latest_charge : charge;
  if (typeof latest === 'string') return stripe.charges.retrieve(latest, {}, whileLocked());
  return latest ?? undefined;
}
