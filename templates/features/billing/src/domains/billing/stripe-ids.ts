// Whose something of Stripe's is. Every column that is looked in has an index.
import { eq } from 'drizzle-orm';
import type { MySqlColumn, MySqlTable } from 'drizzle-orm/mysql-core';
import type { Queries } from '#app/database/database.ts';
import {
  billingCheckouts,
  billingCustomers,
  billingFormerCustomers,
  billingInvoices,
  billingPayments,
  billingRefunds,
  billingSubscriptions,
} from './models.ts';

interface Place {
  readonly table: MySqlTable & { readonly accountId: MySqlColumn };
  readonly column: MySqlColumn;
}

const charges = [{ table: billingPayments, column: billingPayments.stripeChargeId }];
const refunds = [{ table: billingRefunds, column: billingRefunds.stripeRefundId }];

/** By what an id begins with. */
const places = new Map<string, readonly Place[]>(
  Object.entries({
    cus: [
      { table: billingCustomers, column: billingCustomers.stripeCustomerId },
      { table: billingFormerCustomers, column: billingFormerCustomers.stripeCustomerId },
    ],
    sub: [{ table: billingSubscriptions, column: billingSubscriptions.stripeSubscriptionId }],
    in: [{ table: billingInvoices, column: billingInvoices.stripeInvoiceId }],
    pi: [{ table: billingPayments, column: billingPayments.stripePaymentIntentId }],
    ch: charges,
    py: charges,
    re: refunds,
    pyr: refunds,
    cs: [{ table: billingCheckouts, column: billingCheckouts.stripeSessionId }],
  }),
);

/** What a Stripe id begins with that an account can be found by. */
export const findableIds: readonly string[] = [...places.keys()];

/** Finds the accounts that an id of Stripe's belongs to; none where it is not known here. */
export async function accountsByStripeId(queries: Queries, id: string): Promise<string[]> {
  const found = await Promise.all(
    (places.get(id.slice(0, id.indexOf('_'))) ?? []).map(({ table, column }) =>
      queries.select({ accountId: table.accountId }).from(table).where(eq(column, id)),
    ),
  );
  return [...new Set(found.flat().map(({ accountId }) => String(accountId)))];
}
