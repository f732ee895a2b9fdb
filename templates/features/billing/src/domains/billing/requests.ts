import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { billingRequests } from './models.ts';
import type { BillingDeps } from './service.ts';
import { fromStripe, isKept } from './stripe-errors.ts';

export type RequestKind = (typeof billingRequests.$inferSelect)['kind'];

/**
 * Has Stripe do something once. A row is written before: its id is part of the idempotency key, by which
 * Stripe knows a repetition, and where it has no end, nobody knows the outcome.
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

/** Longer than Stripe knows a key, or sends an event of what was done under one. */
const keptDays = 35;
const batch = 1000;

/** Removes requests of long ago, a batch at a time so that nothing is locked for long. */
export async function pruneRequests({ queries }: Pick<Database, 'queries'>): Promise<void> {
  const old = sql`${billingRequests.createdAt} < UTC_TIMESTAMP(3) - INTERVAL ${keptDays} DAY`;
  let removed = batch;
  while (removed === batch) {
    const [result] = await queries.delete(billingRequests).where(old).limit(batch);
    removed = result.affectedRows;
  }
}

/**
 * Has Stripe make what a row asks for, once, whoever asks for it again: the key is made from the row.
 * After a failure that Stripe keeps under its key, the next attempt has another key. Such a failure
 * does not say that nothing was made, so what was made is looked for first.
 *
 * @param made.row what is asked for: its kind, its id, and how often Stripe has failed at it
 * @param made.asked what is asked, as a part of the key: Stripe refuses a key with something else
 * @param made.find looks at Stripe for what the row has made
 * @param made.fail counts the failure, in the row
 */
export async function makeOnce<T>(made: {
  readonly row: { readonly kind: string; readonly id: string; readonly failures: number };
  readonly asked: object;
  readonly find: () => Promise<T | undefined>;
  readonly make: (options: { readonly idempotencyKey: string }) => Promise<T>;
  readonly fail: () => Promise<unknown>;
}): Promise<T> {
  const { row, asked, find, make, fail } = made;
  const found = row.failures > 0 ? await find() : undefined;
  if (found !== undefined) return found;
  try {
    return await make({ idempotencyKey: keyOf(row, asked) });
  } catch (error) {
    if (isKept(error)) await fail();
    throw error;
  }
}

function keyOf(
  { kind, id, failures }: { kind: string; id: string; failures: number },
  asked: object,
): string {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
  return `${kind}_${id}_${failures}_${hash}`;
}
