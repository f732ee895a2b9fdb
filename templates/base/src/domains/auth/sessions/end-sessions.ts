import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions } from '../models.ts';

/**
 * Ends every session of a user.
 *
 * @param options.except the session that goes on
 */
export async function endSessionsOf(
  tx: Transaction,
  userId: string,
  options: { except?: string } = {},
): Promise<void> {
  const { except } = options;
  await tx
    .update(sessions)
    .set({ revokedAt: sql`UTC_TIMESTAMP(3)` })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        except === undefined ? undefined : ne(sessions.id, except),
      ),
    );
}
