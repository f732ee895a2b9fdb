// Stripe is asked for a customer under the id of a row: two at once, and who comes after one that was
// not heard, get the same request, and so the same customer. A customer whose making was never heard
// of is not paid for: it does no harm.
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Payer } from './contacts.ts';
import { billingRequests } from './models.ts';
import { makeOnce } from './requests.ts';
import type { BillingDeps } from './service.ts';

/** What has to be kept of it to ask again. */
export interface CustomerRequest {
  readonly id: string;
  readonly failures: number;
}

/** Finds the request that was not heard, or adds one; the account has to be locked. */
export async function beginRequest(tx: Transaction, accountId: string): Promise<CustomerRequest> {
  return (await unheardRequest(tx, accountId)) ?? (await addRequest(tx, accountId));
}

/** Notes that the account has its customer. */
export async function endRequests(tx: Transaction, accountId: string): Promise<void> {
  await tx
    .update(billingRequests)
    .set({ doneAt: sql`UTC_TIMESTAMP(3)` })
    .where(unheardRequests(accountId));
}

/** Has Stripe make the customer, or finds the one that it made for an earlier request. */
export function makeCustomer(
  { stripe, database }: BillingDeps,
  accountId: string,
  { request, payer }: { readonly request: CustomerRequest; readonly payer: Payer },
): Promise<Stripe.Customer> {
  const { customers } = stripe();
  const { id, failures } = request;
  const asked = { ...payer, metadata: { account_id: accountId } };
  return makeOnce({
    row: { kind: 'customer', id, failures },
    asked,
    make: (options) => customers.create(asked, options),
    find: async () => {
      const { data } = await customers.list({ email: payer.email, limit: 100 });
      return data.find(({ metadata }) => metadata['account_id'] === accountId);
    },
    fail: () =>
      database.queries
        .update(billingRequests)
        .set({ failures: failures + 1 })
        .where(
          and(
            eq(billingRequests.accountId, accountId),
            eq(billingRequests.id, id),
            eq(billingRequests.failures, failures),
          ),
        ),
  });
}

const unheardRequests = (accountId: string) =>
  and(
    eq(billingRequests.accountId, accountId),
    eq(billingRequests.kind, 'customer'),
    isNull(billingRequests.doneAt),
  );

async function unheardRequest(
  tx: Transaction,
  accountId: string,
): Promise<CustomerRequest | undefined> {
  const [request] = await tx
    .select({ id: billingRequests.id, failures: billingRequests.failures })
    .from(billingRequests)
    .where(unheardRequests(accountId))
    .orderBy(desc(billingRequests.id))
    .limit(1);
  return request;
}

async function addRequest(tx: Transaction, accountId: string): Promise<CustomerRequest> {
  const id = newId();
  await tx.insert(billingRequests).values({ accountId, id, kind: 'customer' });
  return { id, failures: 0 };
}
