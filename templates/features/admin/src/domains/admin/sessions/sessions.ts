// An operator's session: a random token in a cookie, and its hash in the database. Every request
// reads the operator anew, so that a role that was taken away is gone at once (ASVS 5.0, 8.3.2).
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database, Queries } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { hostCookie } from '#app/http/cookies.ts';
import type { GuardRequest } from '#app/http/route.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { impersonations } from '../impersonation/models.ts';
import { users } from '#app/domains/auth/models.ts';
import type { Revocations } from '#app/domains/auth/sessions/revocations.ts';
import { adminSignInRequired } from '../errors.ts';
import { adminSessions, adminUsers } from '../models.ts';
import type { Operator } from '../operator.ts';
import { adminOrigin } from '../settings.ts';
import { endSession, endSessionsOf } from './end-sessions.ts';
import { isLive } from './live.ts';

/** Seconds after its beginning at which a session ends (ASVS 5.0, 7.3.2). */
const longest = 8 * 60 * 60;
/** Seconds for which a proof of the second factor counts for sensitive acts (ASVS 5.0, 7.5). */
const fresh = 5 * 60;
/** Seconds between two notes that a session is in use. */
const noteEvery = 60;

export interface AdminSessions {
  /** Whose session a request comes with; nothing where it has none that goes on. */
  find(request: GuardRequest): Promise<Operator | undefined>;
  /** Whether a request comes with a session, be it one that has ended. */
  isNamedIn(request: GuardRequest): boolean;
  /** Begins a session, whose second factor was just proved. Gives the header that keeps it. */
  begin(tx: Transaction, adminId: string, from: Origin): Promise<string>;
  /**
   * Gives a session another token, in exchange for the one that the operator came with; that is worth
   * nothing once this is committed.
   *
   * @param proven whether the second factor was just proved
   * @throws admin_sign_in_required where it has ended, or has got another token meanwhile
   */
  renew(tx: Transaction, operator: Operator, proven: boolean): Promise<Renewed>;
  end(tx: Transaction, sessionId: string): Promise<void>;
  endAllOf(tx: Transaction, adminId: string): Promise<void>;
  /** The header that takes the cookie away. */
  readonly forget: string;
}

export interface Origin {
  readonly ip: string;
  readonly userAgent: string | undefined;
}

export function originOf({ ip, headers }: GuardRequest): Origin {
  return { ip, userAgent: headers['user-agent'] };
}

export interface Renewed {
  readonly formToken: string;
  /** The Set-Cookie header. */
  readonly cookie: string;
}

export function openAdminSessions(deps: {
  settings: Pick<Settings, 'APP_ORIGIN' | 'ADMIN_ORIGIN'>;
  database: Database;
  sealing: Sealing;
  auth: { readonly revocations: Pick<Revocations, 'add'> };
}): AdminSessions {
  const { settings, database, sealing, auth } = deps;
  const cookie = hostCookie('sid', { APP_ORIGIN: adminOrigin(settings) });
  const formTokenOf = (tokenHash: Buffer) =>
    sealing.fingerprint('admin form token', tokenHash.toString('hex')).toString('base64url');

  return {
    forget: cookie.clear(),

    isNamedIn: ({ headers }) => cookie.read(headers) !== undefined,

    async find({ headers }) {
      const token = cookie.read(headers);
      if (token === undefined) return undefined;
      const tokenHash = hashOf(token);
      const row = await findLive(database.queries, tokenHash);
      if (row === undefined) return undefined;
      if (row.unused >= noteEvery) await noteUse(database.queries, tokenHash);
      const {
        unused: _,
        isFresh,
        impersonationId,
        actingFor,
        actingUntil,
        userEmail,
        ...operator
      } = row;
      return {
        ...operator,
        formToken: formTokenOf(tokenHash),
        isFresh: isFresh === 1,
        impersonation:
          impersonationId === null || actingFor === null || actingUntil === null
            ? undefined
            : {
                id: impersonationId,
                userId: actingFor,
                email: userEmail ?? '',
                expiresAt: actingUntil,
              },
      };
    },

    async begin(tx, adminId, { ip, userAgent }) {
      const token = newToken();
      await tx.insert(adminSessions).values({
        tokenHash: hashOf(token),
        id: newId(),
        adminId,
        lastUsedAt: now,
        provenAt: now,
        expiresAt: inSeconds(longest),
        ip,
        userAgent: userAgent?.slice(0, 255),
      });
      return cookie.set(token, longest);
    },

    async renew(tx, { sessionId, formToken }, proven) {
      const [before] = await tx
        .select({ tokenHash: adminSessions.tokenHash })
        .from(adminSessions)
        .where(eq(adminSessions.id, sessionId))
        .for('update');
      // Who has an old token must not get what it was exchanged for.
      if (before === undefined || formTokenOf(before.tokenHash) !== formToken) {
        throw adminSignInRequired(true);
      }
      const token = newToken();
      const tokenHash = hashOf(token);
      await tx
        .update(adminSessions)
        .set({ tokenHash, ...(proven && { provenAt: now }) })
        .where(eq(adminSessions.id, sessionId));
      return { formToken: formTokenOf(tokenHash), cookie: cookie.set(token, longest) };
    },

    end: (tx, sessionId) => endSession(tx, sessionId, auth.revocations),
    endAllOf: (tx, adminId) => endSessionsOf(tx, adminId, auth.revocations),
  };
}

async function findLive(queries: Queries, tokenHash: Buffer) {
  const [row] = await queries
    .select({
      id: adminUsers.id,
      email: adminUsers.email,
      role: adminUsers.role,
      sessionId: adminSessions.id,
      provenAt: adminSessions.provenAt,
      isFresh: sql<number>`${adminSessions.provenAt} > UTC_TIMESTAMP(3) - INTERVAL ${fresh} SECOND`,
      unused: sql<number>`TIMESTAMPDIFF(SECOND, ${adminSessions.lastUsedAt}, UTC_TIMESTAMP(3))`,
      impersonationId: impersonations.id,
      actingFor: impersonations.userId,
      actingUntil: impersonations.expiresAt,
      userEmail: users.email,
    })
    .from(adminSessions)
    .innerJoin(adminUsers, eq(adminUsers.id, adminSessions.adminId))
    .leftJoin(
      impersonations,
      and(
        // Whichever of the operator's sessions it was begun in: in no other do they have more rights.
        eq(impersonations.adminId, adminUsers.id),
        isNull(impersonations.endedAt),
        gt(impersonations.expiresAt, now),
      ),
    )
    .leftJoin(users, eq(users.id, impersonations.userId))
    .where(and(eq(adminSessions.tokenHash, tokenHash), isLive));
  return row;
}

async function noteUse(queries: Queries, tokenHash: Buffer): Promise<void> {
  await queries
    .update(adminSessions)
    .set({ lastUsedAt: now })
    .where(eq(adminSessions.tokenHash, tokenHash));
}

const newToken = (): string => randomBytes(32).toString('base64url');
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
