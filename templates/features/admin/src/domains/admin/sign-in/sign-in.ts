// How operators sign in: address, password and code at once, and nothing tells which was wrong. The
// same statements and one hash run whether there is such an operator or not.
import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { signInBusy } from '#app/domains/auth/errors.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { AppError } from '#app/errors.ts';
import type { AnswerHeaders, GuardRequest } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { adminUsers } from '../models.ts';
import { actorOf, type Operator } from '../operator.ts';
import { findCode, unixTime, useCode } from '../operators/factor.ts';
import { originOf, type AdminSessions } from '../sessions/sessions.ts';
import { knownBrowsers } from './known-browser.ts';

export interface Credentials {
  /** Lower case. */
  readonly email: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code. */
  readonly code: string;
}

export interface SignIn {
  /**
   * Begins a session under a new id, whatever id the browser has brought, and ends the one that it
   * was in.
   *
   * @returns the headers that keep it; nothing where anything is wrong
   * @throws too_many_attempts, sign_in_busy
   */
  begin(given: Credentials, request: GuardRequest): Promise<AnswerHeaders | undefined>;
  /** Ends the session. Gives the headers that take it from the browser. */
  end(operator: Operator): Promise<AnswerHeaders>;
}

interface Deps {
  settings: Pick<Settings, 'APP_ORIGIN' | 'ADMIN_ORIGIN'>;
  database: Database;
  sealing: Sealing;
  sessions: AdminSessions;
  auth: Pick<AuthService, 'passwords' | 'throttle'>;
}

export function openSignIn(deps: Deps): SignIn {
  const { database, sessions, auth } = deps;
  const browsers = knownBrowsers(deps);

  return {
    async begin(given, request) {
      const { email } = given;
      const browser = browsers.find(request.headers, email);
      const password =
        browser === undefined
          ? (['password', `admin:${email}`, request.ip] as const)
          : (['device', `admin browser:${browser}`] as const);
      const code = ['code', browser === undefined ? `admin:${email}` : password[1]] as const;
      // Both are taken in any case: how many are left must not tell which of the two was wrong.
      const entered = await auth.throttle.attempt(password, () =>
        auth.throttle.attempt(code, () => enter(deps, given, request)),
      );
      if (entered === undefined) return undefined;
      await upgradePassword(deps, entered, given.password);
      return { 'Set-Cookie': [entered.cookie, browsers.remember(request.headers, email)] };
    },

    async end(operator) {
      const admin = actorOf(operator);
      await database.transaction(async (tx) => {
        await sessions.end(tx, operator.sessionId);
        recordAct(tx, { actor: admin, action: 'admin.signed_out', subject: admin });
      });
      return { 'Set-Cookie': sessions.forget };
    },
  };
}

interface Entered {
  readonly id: string;
  readonly passwordHash: string;
  readonly cookie: string;
}

async function enter(
  deps: Deps,
  { email, password, code }: Credentials,
  request: GuardRequest,
): Promise<Entered | undefined> {
  const { database, sealing, sessions, auth } = deps;
  const before = await sessions.find(request);
  const [known] = await database.queries
    .select({ id: adminUsers.id, passwordHash: adminUsers.passwordHash })
    .from(adminUsers)
    .where(eq(adminUsers.email, email));
  const hash = known?.passwordHash ?? undefined;
  const isRight = await auth.passwords.verify(password, hash);

  return database.transaction(async (tx) => {
    // An id that nobody has looks like any other.
    const id = known?.id ?? newId();
    const operator = await lock(tx, id);
    const found = await findCode(tx, sealing, { ...nobody, ...operator, id }, code);
    const reason = refusalOf(operator, { passwordHash: isRight ? hash : undefined });
    const isLetIn = reason === undefined && found !== undefined && (await useCode(tx, id, found));
    if (hash === undefined || !isLetIn) {
      await recordFailure(tx, known?.id, { reason: reason ?? 'code', ip: request.ip });
      return undefined;
    }
    if (before !== undefined) await sessions.end(tx, before.sessionId);
    const cookie = await sessions.begin(tx, id, originOf(request));
    const admin = `admin:${id}`;
    const detail = { factor: found.kind, ip: request.ip };
    recordAct(tx, { actor: admin, action: 'admin.signed_in', subject: admin, detail });
    return { id, passwordHash: hash, cookie };
  });
}

const nobody = { sealedSecret: null, lastStep: 0, time: 0 };

type LockedOperator = Awaited<ReturnType<typeof lock>>;

/** Whoever changes what signs an operator in holds the same lock, and ends the sessions in it. */
async function lock(tx: Transaction, id: string) {
  const [operator] = await tx
    .select({
      passwordHash: adminUsers.passwordHash,
      sealedSecret: adminUsers.sealedSecret,
      lastStep: adminUsers.lastStep,
      disabledAt: adminUsers.disabledAt,
      time: unixTime,
    })
    .from(adminUsers)
    .where(eq(adminUsers.id, id))
    .for('update');
  return operator;
}

/** Why somebody is not let in, for the audit log alone. */
function refusalOf(
  operator: LockedOperator,
  /** Of the password that was right a moment ago; it may have been changed since. */
  right: { readonly passwordHash: string | undefined },
): string | undefined {
  if (operator === undefined) return 'unknown';
  if (operator.disabledAt !== null) return 'disabled';
  if (operator.passwordHash === null || operator.sealedSecret === null) return 'not enrolled';
  return operator.passwordHash === right.passwordHash ? undefined : 'password';
}

/** Stores a password by today's parameters, where it is by weaker ones. */
async function upgradePassword(
  { database, auth }: Deps,
  { id, passwordHash: old }: Entered,
  password: string,
): Promise<void> {
  if (!auth.passwords.needsRehash(old)) return;
  try {
    const passwordHash = await auth.passwords.hash(password);
    await database.queries
      .update(adminUsers)
      .set({ passwordHash })
      // It may have been changed meanwhile.
      .where(and(eq(adminUsers.id, id), eq(adminUsers.passwordHash, old)));
  } catch (error) {
    // There will be a quieter sign-in.
    if (!(error instanceof AppError && error.kind === signInBusy)) throw error;
  }
}

/** Without the address that was typed: strangers type anything, and people type their password. */
async function recordFailure(
  tx: Transaction,
  id: string | undefined,
  detail: { readonly reason: string; readonly ip: string },
): Promise<void> {
  recordAct(tx, {
    actor: 'anonymous',
    action: 'admin.sign_in_failed',
    ...(id !== undefined && { subject: `admin:${id}` }),
    detail,
  });
}
