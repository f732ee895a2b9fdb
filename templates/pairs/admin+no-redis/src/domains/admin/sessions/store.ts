// The sessions of operators, in the database.
import { and, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Log } from '#app/log.ts';
import { adminSignInRequired } from '../errors.ts';
import { idle, longest } from './limits.ts';
import { adminSessions } from './models.ts';
import { startPruning } from './pruning.ts';
import type { AdminSessionStore } from './session-store.ts';

const isLive = and(
  gt(adminSessions.expiresAt, now),
  sql`${adminSessions.lastUsedAt} > UTC_TIMESTAMP(3) - INTERVAL ${idle} SECOND`,
);

const stored = {
  id: adminSessions.id,
  adminId: adminSessions.adminId,
  createdAt: adminSessions.createdAt,
  lastUsedAt: adminSessions.lastUsedAt,
  provenAt: adminSessions.provenAt,
  unused: sql<number>`TIMESTAMPDIFF(SECOND, ${adminSessions.lastUsedAt}, UTC_TIMESTAMP(3))`,
  unproven: sql<number>`TIMESTAMPDIFF(SECOND, ${adminSessions.provenAt}, UTC_TIMESTAMP(3))`,
  ip: adminSessions.ip,
  userAgent: adminSessions.userAgent,
};

/** Opens the store, and removes what is over until it is closed. */
export async function openAdminSessionStore(deps: {
  database: Database;
  log: Log;
}): Promise<AdminSessionStore> {
  const pruning = startPruning(deps);

  return {
    async insert(tx, { userAgent, ...session }) {
      await tx.insert(adminSessions).values({
        ...session,
        lastUsedAt: now,
        provenAt: now,
        expiresAt: inSeconds(longest),
        userAgent: userAgent?.slice(0, 255),
      });
    },

    async find(queries, tokenHash) {
      const [session] = await queries
        .select(stored)
        .from(adminSessions)
        .where(and(eq(adminSessions.tokenHash, tokenHash), isLive));
      return session;
    },

    list: (queries, adminId) =>
      queries
        .select(stored)
        .from(adminSessions)
        .where(and(eq(adminSessions.adminId, adminId), isLive))
        .orderBy(desc(adminSessions.createdAt)),

    async going(queries, sessionIds) {
      if (sessionIds.length === 0) return new Set();
      const rows = await queries
        .select({ id: adminSessions.id })
        .from(adminSessions)
        .where(and(inArray(adminSessions.id, [...sessionIds]), isLive));
      return new Set(rows.map(({ id }) => id));
    },

    async noteUse(queries, sessionId) {
      await queries
        .update(adminSessions)
        .set({ lastUsedAt: now })
        .where(and(eq(adminSessions.id, sessionId), isLive));
    },

    async tokenHash(tx, sessionId) {
      const [session] = await tx
        .select({ tokenHash: adminSessions.tokenHash })
        .from(adminSessions)
        .where(and(eq(adminSessions.id, sessionId), isLive));
      return session?.tokenHash;
    },

    async exchange(tx, { sessionId, before, after, proven }) {
      const [{ affectedRows }] = await tx
        .update(adminSessions)
        .set({ tokenHash: after, ...(proven && { provenAt: now }) })
        .where(and(eq(adminSessions.id, sessionId), eq(adminSessions.tokenHash, before), isLive));
      if (affectedRows === 0) throw adminSignInRequired(true);
    },

    async remove(tx, sessionId) {
      await tx.delete(adminSessions).where(eq(adminSessions.id, sessionId));
    },

    close: () => pruning.close(),
  };
}

/** Ends the sessions of an operator. */
export async function removeSessionsOf(tx: Transaction, adminId: string): Promise<void> {
  await tx.delete(adminSessions).where(eq(adminSessions.adminId, adminId));
}

/** Ends the sessions of all operators. Resolves to how many there were. */
export async function removeEverySession(tx: Transaction): Promise<number> {
  const [{ affectedRows }] = await tx.delete(adminSessions);
  return affectedRows;
}
