import { and, desc, eq, lt, ne, or } from 'drizzle-orm';
import { billingInvoices } from '../models.ts';
import type { BillingDeps } from '../service.ts';

export type Invoice = Pick<
  typeof billingInvoices.$inferSelect,
  | 'id'
  | 'number'
  | 'status'
  | 'currency'
  | 'total'
  | 'amountPaid'
  | 'amountDue'
  | 'hostedUrl'
  | 'pdfUrl'
  | 'issuedAt'
  | 'nextAttemptAt'
>;

/** The invoice at which a page ended. */
export interface InvoicePosition {
  readonly issuedAt: Date;
  readonly id: string;
}

export interface InvoicePage {
  readonly invoices: readonly Invoice[];
  /** Where the next page begins, if there is one. */
  readonly next?: InvoicePosition;
}

export interface Invoices {
  /** An account's invoices, the newest first, without those that are only drafts. */
  list(
    accountId: string,
    page: { readonly limit: number; readonly after?: InvoicePosition | undefined },
  ): Promise<InvoicePage>;
}

export function openInvoices({ database }: BillingDeps): Invoices {
  return {
    async list(accountId, { limit, after }) {
      const { id, issuedAt } = billingInvoices;
      const beyond =
        after &&
        or(lt(issuedAt, after.issuedAt), and(eq(issuedAt, after.issuedAt), lt(id, after.id)));
      const rows = await database.withAccount(accountId).list(billingInvoices, {
        where: and(ne(billingInvoices.status, 'draft'), beyond),
        orderBy: [desc(issuedAt), desc(id)],
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
      });
      const invoices = rows.slice(0, limit);
      const last = rows.length > limit ? invoices.at(-1) : undefined;
      return { invoices, ...(last !== undefined && { next: last }) };
    },
  };
}
