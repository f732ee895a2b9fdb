// What the links in mails carry: 256 random bits, of which the database has the hash. Each is good
// once, for one purpose and a short while, and dies when a newer one for the same is made.
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { emailTokens, users } from '../models.ts';

export type Purpose = (typeof emailTokens.$inferSelect)['purpose'];

/** Minutes for which a link works. */
export const lifetimes: Readonly<Record<Purpose, number>> = {
  verify: 24 * 60,
  reset: 60,
  change: 60,
};

/** What a link that works stands for. */
export interface EmailLink {
  readonly userId: string;
  /** The user's personal account. */
  readonly accountId: string;
  /** Where it was sent to, and so the address that following it proves. */
  readonly email: string;
  /** The address that the user has now. */
  readonly currentEmail: string;
  /** When that was verified. */
  readonly emailVerifiedAt: Date | null;
}

/**
 * Makes a token; the user's older ones for the same purpose no longer work. The user's row has to be
 * locked, else two at once would both leave one. For a user who is not there the same statements
 * run, and write nothing.
 */
export async function issueEmailToken(
  tx: Transaction,
  { userId, purpose, email }: { userId: string; purpose: Purpose; email: string },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await endEmailTokens(tx, userId, [purpose]);
  await tx.execute(sql`
    INSERT INTO ${emailTokens} (token_hash, user_id, purpose, email, expires_at)
    SELECT ${hashOf(token)}, ${users.id}, ${purpose}, ${email},
      UTC_TIMESTAMP(3) + INTERVAL ${lifetimes[purpose]} MINUTE
    FROM ${users} WHERE ${users.id} = ${userId}`);
  return token;
}

/** What a token is good for; nothing where it is unknown, used, too old, or for something else. */
export async function findEmailToken(
  queries: Queries,
  purpose: Purpose,
  token: string,
): Promise<EmailLink | undefined> {
  const [link] = await select(queries, purpose, token);
  return link;
}

/** The same, and uses it up. Of many at once, one gets it. The user's row is locked. */
export async function useEmailToken(
  tx: Transaction,
  purpose: Purpose,
  token: string,
): Promise<EmailLink | undefined> {
  const [link] = await select(tx, purpose, token).for('update');
  if (link === undefined) return undefined;
  const [{ affectedRows }] = await tx
    .update(emailTokens)
    .set({ usedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(eq(emailTokens.tokenHash, hashOf(token)), isNull(emailTokens.usedAt)));
  return affectedRows === 1 ? link : undefined;
}

/**
 * Has none of a user's links for these purposes work any more.
 *
 * @returns how many there were
 */
export async function endEmailTokens(
  tx: Transaction,
  userId: string,
  purposes: readonly Purpose[],
): Promise<number> {
  const [{ affectedRows }] = await tx
    .delete(emailTokens)
    .where(and(eq(emailTokens.userId, userId), inArray(emailTokens.purpose, [...purposes])));
  return affectedRows;
}

function select(queries: Queries, purpose: Purpose, token: string) {
  return queries
    .select({
      userId: users.id,
      accountId: users.accountId,
      email: emailTokens.email,
      currentEmail: users.email,
      emailVerifiedAt: users.emailVerifiedAt,
    })
    .from(emailTokens)
    .innerJoin(users, eq(users.id, emailTokens.userId))
    .where(
      and(
        eq(emailTokens.tokenHash, hashOf(token)),
        eq(emailTokens.purpose, purpose),
        isNull(emailTokens.usedAt),
        gt(emailTokens.expiresAt, sql`UTC_TIMESTAMP(3)`),
        // A link in a mailbox that the user has left behind opens nothing.
        or(eq(emailTokens.purpose, 'change'), eq(emailTokens.email, users.email)),
      ),
    );
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
