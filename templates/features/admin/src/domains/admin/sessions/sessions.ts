// An operator's session: a random token in a cookie, and its hash in the store. Every request reads the
// operator anew from the database, so that a role that was taken away is gone at once (ASVS 5.0, 8.3.2).
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
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
import { adminUsers } from '../models.ts';
import type { Operator } from '../operator.ts';
import { adminOrigin } from '../settings.ts';
import { endSession, endSessionsOf } from './end-sessions.ts';
import { fresh, longest, noteEvery } from './limits.ts';
import type { AdminSessionStore, StoredSession } from './session-store.ts';

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
  /** Which of some sessions go on, whoever they are of. */
  going(queries: Queries, sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The sessions of an operator that go on, the newest first. */
  list(adminId: string): Promise<StoredSession[]>;
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
  adminSessionStore: AdminSessionStore;
}): AdminSessions {
  const { settings, database, sealing, auth, adminSessionStore: store } = deps;
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
      const session = await store.find(database.queries, tokenHash);
      const row = session && (await findOperator(database.queries, session.adminId));
      if (session === undefined || row === undefined) return undefined;
      if (session.unused >= noteEvery) await store.noteUse(database.queries, session.id);
      const { impersonationId, actingFor, actingUntil, userEmail, ...operator } = row;
      return {
        ...operator,
        sessionId: session.id,
        provenAt: session.provenAt,
        formToken: formTokenOf(tokenHash),
        isFresh: session.unproven < fresh,
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
      const tokenHash = hashOf(token);
      await store.insert(tx, { id: newId(), adminId, tokenHash, ip, userAgent });
      return cookie.set(token, longest);
    },

    async renew(tx, { sessionId, formToken }, proven) {
      const before = await store.tokenHash(tx, sessionId);
      // Who has an old token must not get what it was exchanged for.
      if (before === undefined || formTokenOf(before) !== formToken) {
        throw adminSignInRequired(true);
      }
      const token = newToken();
      const after = hashOf(token);
      await store.exchange(tx, { sessionId, before, after, proven });
      return { formToken: formTokenOf(after), cookie: cookie.set(token, longest) };
    },

    going: (queries, sessionIds) => store.going(queries, sessionIds),
    list: (adminId) => store.list(database.queries, adminId),
    end: (tx, sessionId) => endSession(tx, sessionId, { store, ...auth }),
    endAllOf: (tx, adminId) => endSessionsOf(tx, adminId, auth.revocations),
  };
}

/** An operator who is not disabled, and whose place they act in. */
async function findOperator(queries: Queries, adminId: string) {
  const [row] = await queries
    .select({
      id: adminUsers.id,
      email: adminUsers.email,
      role: adminUsers.role,
      impersonationId: impersonations.id,
      actingFor: impersonations.userId,
      actingUntil: impersonations.expiresAt,
      userEmail: users.email,
    })
    .from(adminUsers)
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
    .where(and(eq(adminUsers.id, adminId), isNull(adminUsers.disabledAt)));
  return row;
}

const newToken = (): string => randomBytes(32).toString('base64url');
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
