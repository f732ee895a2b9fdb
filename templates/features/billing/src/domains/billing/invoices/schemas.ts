import { z } from 'zod';
import { billingInvoices } from '../models.ts';
import type { InvoicePosition } from './invoices.ts';

export const BillingInvoice = z
  .object({
    id: z.uuid(),
    number: z.string().nullable(),
    status: z.enum(billingInvoices.status.enumValues),
    currency: z.string().describe('ISO 4217, in lower case. All amounts are in its smallest unit.'),
    total: z.int(),
    amountPaid: z.int(),
    amountDue: z.int().describe('What was to be paid, after credit, when it was issued.'),
    hostedUrl: z.string().nullable().describe('The page on which it can be seen and paid.'),
    pdfUrl: z.string().nullable(),
    issuedAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable().describe('When payment is tried again by itself.'),
  })
  .meta({ id: 'BillingInvoice' });

export const InvoiceList = z.object({
  data: z.array(BillingInvoice),
  nextCursor: z.string().nullable().describe('Gives the next page; null on the last.'),
});

/** What a cursor holds. It is opaque to clients, and checked like all other input. */
const Position = z.tuple([z.iso.datetime(), z.uuid()]);

export const InvoiceQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .max(200)
    .transform((cursor, context): InvoicePosition => {
      const { success, data } = Position.safeParse(read(cursor));
      if (success) return { issuedAt: new Date(data[0]), id: data[1] };
      context.addIssue({ code: 'custom', message: 'Not a cursor of this list' });
      return z.NEVER;
    })
    .optional()
    .describe('The `nextCursor` of the page before.'),
});

export function cursorOf({ issuedAt, id }: InvoicePosition): string {
  return Buffer.from(JSON.stringify([issuedAt.toISOString(), id])).toString('base64url');
}

function read(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not of our making; the schema refuses it.
    return undefined;
  }
}
