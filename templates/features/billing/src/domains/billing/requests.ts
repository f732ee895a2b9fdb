import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { newId } from '#app/database/id.ts';
import { billingRequests } from './models.ts';
import type { BillingDeps } from './service.ts';
import { fromStripe } from './stripe-errors.ts';

export type RequestKind = (typeof billingRequests.$inferSelect)['kind'];

/**
 * Has Stripe do something once. A row is written before: its id is the idempotency key, by which
 * Stripe knows a repetition, and whose absence of an end shows what nobody knows the outcome of.
 *
 * @param ask does the request, with the options that it gets
 * @throws AppError as `fromStripe`
 */
export async function askStripe<T>(
  { database }: Pick<BillingDeps, 'database'>,
  { accountId, kind }: { readonly accountId: string; readonly kind: RequestKind },
  ask: (options: { readonly idempotencyKey: string }) => Promise<T>,
): Promise<T> {
  const id = newId();
  await database.queries.insert(billingRequests).values({ accountId, id, kind });
  const answer = await fromStripe(ask({ idempotencyKey: `${kind}_${id}` }));
  await database.queries
    .update(billingRequests)
    .set({ doneAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(eq(billingRequests.accountId, accountId), eq(billingRequests.id, id)));
  return answer;
}

/**
 * The idempotency key for a row whose request may be made again by another process. What is asked is
 * part of it: Stripe refuses a key that comes again with something else.
 *
 * @param kind what the row is
 */
export function repeatableKey(kind: string, id: string, asked: object): string {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
  return `${kind}_${id}_${hash}`;
}
