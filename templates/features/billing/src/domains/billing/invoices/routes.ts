import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { json, reply, route, type Route } from '#app/http/route.ts';
import type { BillingService } from '../service.ts';
import type { Invoice } from './invoices.ts';
import { cursorOf, InvoiceList, InvoiceQuery } from './schemas.ts';

/** What an account was asked to pay. */
export function invoiceRoutes(billing: BillingService, auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/billing/invoices',
      summary: 'List the invoices of your account',
      guard: signedIn(auth),
      query: InvoiceQuery,
      answers: { 200: json(InvoiceList) },
      handler: async ({ identity, query: { limit, cursor } }) => {
        const page = await billing.invoices.list(identity.accountId, { limit, after: cursor });
        return reply(200, {
          data: page.invoices.map(present),
          nextCursor: page.next === undefined ? null : cursorOf(page.next),
        });
      },
    }),
  ];
}

function present(invoice: Invoice) {
  return {
    id: invoice.id,
    number: invoice.number,
    status: invoice.status,
    currency: invoice.currency,
    total: invoice.total,
    amountPaid: invoice.amountPaid,
    amountDue: invoice.amountDue,
    hostedUrl: invoice.hostedUrl,
    pdfUrl: invoice.pdfUrl,
    issuedAt: invoice.issuedAt.toISOString(),
    nextAttemptAt: invoice.nextAttemptAt?.toISOString() ?? null,
  };
}
