import { and, desc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions, totpFactors, users } from '#app/domains/auth/models.ts';
import { notFound } from '#app/http/errors.ts';
import type { Customer } from './define-section.ts';

export interface CustomerFacts extends Customer {
  /** When one of their sessions was last used. */
  readonly seenAt: Date | null;
  readonly hasSecondFactor: boolean;
}

const shown = {
  id: users.id,
  accountId: users.accountId,
  email: users.email,
  emailVerifiedAt: users.emailVerifiedAt,
  createdAt: users.createdAt,
};

/** @throws not_found */
export async function readCustomer(queries: Queries, id: string): Promise<CustomerFacts> {
  const [customer] = await queries
    .select({ ...shown, factorOf: totpFactors.userId })
    .from(users)
    .leftJoin(
      totpFactors,
      and(eq(totpFactors.userId, users.id), isNotNull(totpFactors.confirmedAt)),
    )
    .where(eq(users.id, id));
  if (customer === undefined) throw notFound();
  const { factorOf, ...rest } = customer;
  return { ...rest, hasSecondFactor: factorOf !== null, seenAt: await lastSeen(queries, id) };
}

/**
 * The same person, locked, as whoever changes what signs somebody in has to.
 *
 * @throws not_found
 */
export async function lockCustomer(tx: Transaction, id: string): Promise<Customer> {
  const [customer] = await tx.select(shown).from(users).where(eq(users.id, id)).for('update');
  if (customer === undefined) throw notFound();
  return customer;
}

async function lastSeen(queries: Queries, userId: string): Promise<Date | null> {
  const seenAt = sql`COALESCE(${sessions.lastUsedAt}, ${sessions.createdAt})`;
  const [session] = await queries
    .select({ seenAt: seenAt.mapWith(sessions.createdAt) })
    .from(sessions)
    .where(eq(sessions.userId, userId))
    .orderBy(desc(seenAt))
    .limit(1);
  return session?.seenAt ?? null;
}
