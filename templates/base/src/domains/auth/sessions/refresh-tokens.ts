// Refresh tokens, each good for one exchange (RFC 9700, section 4.14).
//
// A client that sends the same token twice at once, or never saw the answer, must not be logged
// out; a thief who sends an old one must be found. So for ten seconds a used token gives the same
// successor again, as long as that has not been used itself; after that, or when it has, the token
// is in two hands, and the whole session ends.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/mysql-core';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Identity } from '../access-tokens.ts';
import { refreshTokens, sessions } from '../models.ts';
import { endAll } from './end-sessions.ts';
import type { Revocations } from './revocations.ts';

/** Days after which a session ends, however often it is refreshed. */
export const sessionDays = 30;
/** Days for which a token that is not used stays good. */
export const idleDays = 7;
/** Seconds in which a used token gives its successor again. */
const graceSeconds = 10;

const inDays = (days: number) => sql<Date>`UTC_TIMESTAMP(3) + INTERVAL ${days} DAY`;
const now = sql<Date>`UTC_TIMESTAMP(3)`;

export interface Grant {
  readonly identity: Identity;
  readonly refreshToken: string;
}

/** Where a session begins, for its owner to recognise it by. */
export interface Origin {
  readonly ip: string;
  readonly userAgent: string | undefined;
}

/** Begins a session, with its first token. */
export async function beginSession(
  tx: Transaction,
  user: { readonly id: string; readonly accountId: string },
  { ip, userAgent, deviceHash }: Origin & { readonly deviceHash: Buffer },
): Promise<Grant> {
  const sessionId = newId();
  const refreshToken = newToken();
  await tx.insert(sessions).values({
    id: sessionId,
    userId: user.id,
    accountId: user.accountId,
    ip: isIP(ip) === 0 ? null : ip.slice(0, 45),
    userAgent: userAgent?.slice(0, 255) ?? null,
    deviceHash,
    expiresAt: inDays(sessionDays),
  });
  await tx
    .insert(refreshTokens)
    .values({ tokenHash: hashOf(refreshToken), sessionId, expiresAt: inDays(idleDays) });
  return {
    identity: { userId: user.id, accountId: user.accountId, sessionId },
    refreshToken,
  };
}

/**
 * Exchanges a token for its successor. Resolves to nothing where that is refused; a session that is
 * ended for it has to be committed, so this does not throw.
 */
export async function exchange(
  tx: Transaction,
  token: string,
  revocations: Revocations,
): Promise<Grant | undefined> {
  const found = await lockToken(tx, token);
  if (found === undefined) return undefined;

  const { sealedSuccessor, inGrace, successorUsed, ...identity } = found;
  if (sealedSuccessor === null) {
    return { identity, refreshToken: await makeSuccessor(tx, token, identity.sessionId) };
  }
  if (inGrace && !successorUsed) {
    return { identity, refreshToken: unseal(sealedSuccessor, token) };
  }
  await endStolen(tx, identity, revocations);
  return undefined;
}

/** Ends the session that a token belongs to. A token that is not known ends nothing. */
export async function endSession(
  tx: Transaction,
  token: string,
  revocations: Revocations,
): Promise<void> {
  const live = await tx
    .select({ id: sessions.id })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .where(and(eq(refreshTokens.tokenHash, hashOf(token)), isNull(sessions.revokedAt)))
    .for('update');
  await endAll(
    tx,
    live.map(({ id }) => id),
    revocations,
  );
}

async function endStolen(
  tx: Transaction,
  { userId, sessionId }: Identity,
  revocations: Revocations,
): Promise<void> {
  await endAll(tx, [sessionId], revocations);
  recordAct(tx, {
    actor: 'system',
    action: 'session.ended_as_stolen',
    subject: `user:${userId}`,
    detail: { sessionId },
  });
}

/** Locks the session: of concurrent exchanges of one token, the second sees what the first did. */
async function lockToken(tx: Transaction, token: string) {
  const successors = alias(refreshTokens, 'successors');
  const [row] = await tx
    .select({
      sessionId: sessions.id,
      userId: sessions.userId,
      accountId: sessions.accountId,
      sealedSuccessor: refreshTokens.sealedSuccessor,
      inGrace: sql<number>`${refreshTokens.usedAt} > ${now} - INTERVAL ${graceSeconds} SECOND`,
      successorUsed: sql<number>`${successors.usedAt} IS NOT NULL`,
    })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .leftJoin(successors, eq(successors.tokenHash, refreshTokens.successorHash))
    .where(
      and(
        eq(refreshTokens.tokenHash, hashOf(token)),
        gt(refreshTokens.expiresAt, now),
        gt(sessions.expiresAt, now),
        isNull(sessions.revokedAt),
      ),
    )
    .for('update');
  return row;
}

async function makeSuccessor(tx: Transaction, token: string, sessionId: string): Promise<string> {
  const successor = newToken();
  // Both tables in one statement: this is what users do most.
  await tx.execute(sql`
    UPDATE ${refreshTokens} JOIN ${sessions} ON ${sessions.id} = ${refreshTokens.sessionId}
    SET ${refreshTokens.usedAt} = ${now},
      ${refreshTokens.sealedSuccessor} = ${seal(successor, token)},
      ${refreshTokens.successorHash} = ${hashOf(successor)},
      ${sessions.lastUsedAt} = ${now}
    WHERE ${refreshTokens.tokenHash} = ${hashOf(token)} AND ${refreshTokens.usedAt} IS NULL`);
  await tx
    .insert(refreshTokens)
    .values({ tokenHash: hashOf(successor), sessionId, expiresAt: inDays(idleDays) });
  return successor;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Only who holds the token can read its successor: a stolen database gives neither. */
function seal(successor: string, token: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(token), nonce);
  const sealed = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function unseal(sealed: Buffer, token: string): string {
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(token), sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
}

function sealingKey(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'refresh token successor', 32));
}
