import { desc, eq, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import { adminUsers } from '../models.ts';
import { impersonations } from './models.ts';

const listed = 10;

export type PastImpersonation = Awaited<ReturnType<typeof latestOf>>[number];

/** Who has acted in a user's place, and why, the latest first. */
export function latestOf(queries: Queries, userId: string) {
  return queries
    .select({
      createdAt: impersonations.createdAt,
      endedAt: sql<Date>`COALESCE(${impersonations.endedAt}, ${impersonations.expiresAt})`.mapWith(
        impersonations.expiresAt,
      ),
      isOver: sql<number>`${impersonations.endedAt} IS NOT NULL
        OR ${impersonations.expiresAt} <= UTC_TIMESTAMP(3)`,
      operator: adminUsers.email,
      reason: impersonations.reason,
    })
    .from(impersonations)
    .innerJoin(adminUsers, eq(adminUsers.id, impersonations.adminId))
    .where(eq(impersonations.userId, userId))
    .orderBy(desc(impersonations.createdAt))
    .limit(listed);
}

/** The reason that an operator gave for one that runs. */
export async function reasonOf(queries: Queries, id: string): Promise<string | undefined> {
  const [row] = await queries
    .select({ reason: impersonations.reason })
    .from(impersonations)
    .where(eq(impersonations.id, id));
  return row?.reason;
}
