import { inArray, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { adminUsers } from '../../models.ts';
import { adminSessionEpochs } from './models.ts';

/** The epochs of these operators; 0 where all their sessions were never ended. */
export async function epochsOf(
  queries: Queries,
  adminIds: readonly string[],
): Promise<(adminId: string) => number> {
  if (adminIds.length === 0) return () => 0;
  const rows = await queries
    .select()
    .from(adminSessionEpochs)
    .where(inArray(adminSessionEpochs.adminId, [...adminIds]));
  const epochs = new Map(rows.map(({ adminId, epoch }) => [adminId, epoch]));
  return (adminId) => epochs.get(adminId) ?? 0;
}

/** Begins another epoch of an operator: sessions of the one before have ended. */
export async function beginEpoch(tx: Transaction, adminId: string): Promise<void> {
  await tx
    .insert(adminSessionEpochs)
    .values({ adminId, epoch: 1 })
    .onDuplicateKeyUpdate({ set: next });
}

/** The same, of every operator. */
export async function beginEveryEpoch(tx: Transaction): Promise<void> {
  await tx
    .insert(adminSessionEpochs)
    .select(
      tx.select({ adminId: adminUsers.id, epoch: sql<number>`1`.as('epoch') }).from(adminUsers),
    )
    .onDuplicateKeyUpdate({ set: next });
}

const next = { epoch: sql`${adminSessionEpochs.epoch} + 1` };
