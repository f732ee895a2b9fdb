import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { billingInvoices } from '../models.ts';
import type { SubscriptionRow } from './current.ts';
import { isOwed } from './subscription-values.ts';

/** Says to somebody who cannot subscribe what to do about the subscription that there is. */
export async function wayOn(
  tx: Transaction,
  { accountId, status }: SubscriptionRow,
): Promise<string> {
  if (status === 'paused') {
    return 'It is paused, as there is nothing to pay with: add that on the page that POST /v1/billing/portal opens, then POST /v1/billing/subscription/resume.';
  }
  if (!isOwed(status)) return 'POST /v1/billing/subscription/change changes the plan.';
  const page = await openInvoicePage(tx, accountId);
  return `A payment is owed. Pay the open invoice: ${page ?? 'on the page that POST /v1/billing/portal opens.'}`;
}

async function openInvoicePage(tx: Transaction, accountId: string): Promise<string | null> {
  const { hostedUrl, status, issuedAt } = billingInvoices;
  const [invoice] = await tx
    .select({ hostedUrl })
    .from(billingInvoices)
    .where(and(eq(billingInvoices.accountId, accountId), eq(status, 'open'), isNotNull(hostedUrl)))
    .orderBy(desc(issuedAt))
    .limit(1);
  return invoice?.hostedUrl ?? null;
}
