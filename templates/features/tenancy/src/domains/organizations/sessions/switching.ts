import { and, eq, gt, isNull } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import {
  accessTokenLifetime,
  type AccessTokens,
  type Identity,
} from '#app/domains/auth/access-tokens.ts';
import { sessions, users } from '#app/domains/auth/models.ts';
import { notFound, unauthenticated } from '#app/http/errors.ts';
import { memberships } from '../models.ts';

export interface Switched {
  readonly accountId: string;
  readonly accessToken: string;
  /** Seconds for which the access token is valid. */
  readonly expiresIn: number;
}

export interface Switching {
  /**
   * Has the asking session act for another account: one of the user's organizations, or the user's
   * own. Its refresh token gives tokens for that from now on; access tokens that it has given go on
   * to act for the account before, as long as the user belongs to it.
   *
   * @param accountId null for the user's own
   * @throws not_found where the user does not belong to it; unauthenticated where the session has ended
   */
  to(who: Identity, accountId: string | null): Promise<Switched>;
}

export function openSwitching(deps: { database: Database; accessTokens: AccessTokens }): Switching {
  const { database, accessTokens } = deps;

  return {
    async to({ userId, sessionId }, wanted) {
      const accountId = await database.transaction(async (tx) => {
        const own = await ownAccount(tx, userId);
        const target = wanted ?? own;
        if (target !== own) await lockMembership(tx, { accountId: target, userId });
        await moveSession(tx, { userId, sessionId }, target);
        return target;
      });
      const accessToken = await accessTokens.issue({ userId, accountId, sessionId });
      return { accountId, accessToken, expiresIn: accessTokenLifetime };
    },
  };
}

async function ownAccount(tx: Transaction, userId: string): Promise<string> {
  const [user] = await tx
    .select({ accountId: users.accountId })
    .from(users)
    .where(eq(users.id, userId));
  if (user === undefined) throw unauthenticated({ detail: 'The user is no longer there.' });
  return user.accountId;
}

/**
 * Locked: whoever ends the membership either does so before, and this finds none, or moves the session
 * back afterwards.
 */
async function lockMembership(
  tx: Transaction,
  { accountId, userId }: Pick<Identity, 'accountId' | 'userId'>,
): Promise<void> {
  const found = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.accountId, accountId), eq(memberships.userId, userId)))
    .for('update');
  if (found.length === 0) throw notFound();
}

async function moveSession(
  tx: Transaction,
  { userId, sessionId }: Pick<Identity, 'userId' | 'sessionId'>,
  target: string,
): Promise<void> {
  const live = and(
    eq(sessions.id, sessionId),
    eq(sessions.userId, userId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, now),
  );
  const [session] = await tx
    .select({ accountId: sessions.accountId })
    .from(sessions)
    .where(live)
    .for('update');
  if (session === undefined) throw unauthenticated({ detail: 'The session has ended.' });
  await tx
    .update(sessions)
    .set({ accountId: target })
    .where(and(live, eq(sessions.accountId, session.accountId)));
}
