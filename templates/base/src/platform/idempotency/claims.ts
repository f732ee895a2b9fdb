// The row of a key as it passes through a request's hands. Every change names the lease that it is
// made under: a request that was away for too long changes nothing.
import { randomUUID } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { idempotencyKeyInFlight, idempotencyKeyReused } from './errors.ts';
import { idempotencyKeys } from './models.ts';

/** Seconds for which an answer is kept. */
const lifetime = 24 * 3600;
/** Seconds after which a client may ask for the answer of a request that is being handled. */
const retryAfter = 1;

export interface Claim {
  readonly scope: Buffer;
  readonly leaseToken: string;
}

/**
 * Takes a key for one request, or finds what was answered to that.
 *
 * @param asked.lease seconds after which another request may take the place of this one
 * @throws idempotency_key_reused where it was taken for another request
 * @throws idempotency_key_in_flight where one that has it is being handled
 */
export function claimKey(
  database: Database,
  asked: { readonly scope: Buffer; readonly request: Buffer; readonly lease: number },
): Promise<Claim | { readonly scope: Buffer; readonly answer: Buffer }> {
  const { scope, request, lease } = asked;
  const leaseToken = randomUUID();
  const claimed = {
    request,
    leaseToken,
    leasedUntil: inSeconds(lease),
    answer: null,
    createdAt: now,
    expiresAt: inSeconds(lifetime),
  };
  return database.transaction(async (tx) => {
    // Unlike a refused INSERT it locks a row that is there for writing, so that those who meet here
    // come one after the other.
    await tx
      .insert(idempotencyKeys)
      .values({ scope, ...claimed })
      .onDuplicateKeyUpdate({ set: { scope: sql`${idempotencyKeys.scope}` } });
    const [row] = await tx
      .select({
        request: idempotencyKeys.request,
        leaseToken: idempotencyKeys.leaseToken,
        answer: idempotencyKeys.answer,
        leased: sql<number>`${idempotencyKeys.leasedUntil} > ${now}`,
        kept: sql<number>`${idempotencyKeys.expiresAt} > ${now}`,
      })
      .from(idempotencyKeys)
      .where(eq(idempotencyKeys.scope, scope));
    if (row === undefined) throw new Error('A key that was just taken is not there');
    if (row.leaseToken === leaseToken) return { scope, leaseToken };

    if (row.kept) {
      if (!row.request.equals(request)) throw idempotencyKeyReused();
      if (row.answer !== null) return { scope, answer: row.answer };
      if (row.leased) throw idempotencyKeyInFlight({ retryAfter });
    }
    await tx
      .update(idempotencyKeys)
      .set(claimed)
      .where(and(eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.leaseToken, row.leaseToken)));
    return { scope, leaseToken };
  });
}

/**
 * Keeps an answer, in the transaction that is around it where there is one.
 *
 * @throws idempotency_key_in_flight where another request has taken the place of this one
 */
export async function keepAnswer(
  { queries }: Pick<Database, 'queries'>,
  claim: Claim,
  answer: Buffer,
): Promise<void> {
  const [{ affectedRows }] = await queries
    .update(idempotencyKeys)
    .set({ answer })
    .where(heldBy(claim));
  if (affectedRows !== 1) throw idempotencyKeyInFlight({ retryAfter });
}

/** Lets the next request with the key begin. */
export async function releaseKey(
  { queries }: Pick<Database, 'queries'>,
  claim: Claim,
): Promise<void> {
  await queries.delete(idempotencyKeys).where(heldBy(claim));
}

function heldBy({ scope, leaseToken }: Claim) {
  const { answer } = idempotencyKeys;
  return and(
    eq(idempotencyKeys.scope, scope),
    eq(idempotencyKeys.leaseToken, leaseToken),
    isNull(answer),
  );
}
