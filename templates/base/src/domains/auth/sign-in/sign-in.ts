import { and, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { accessTokenLifetime, type AccessTokens } from '../access-tokens.ts';
import { upgradePassword } from '../account/password-upgrade.ts';
import { maySignIn } from '../account/may-sign-in.ts';
import type { AccountSettings } from '../account/settings.ts';
import type { VerificationReminders } from '../account/verification-reminders.ts';
import {
  invalidCode,
  invalidCredentials,
  invalidRefreshToken,
  secondFactorRequired,
} from '../errors.ts';
import { knownDevices, users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import { codeUsedMail } from '../second-factor/mails.ts';
import { proveFactor, type Proof } from '../second-factor/prove-factor.ts';
import {
  beginSession,
  endSession,
  exchange,
  type Grant,
  type Origin,
} from '../sessions/refresh-tokens.ts';
import type { Revocations } from '../sessions/revocations.ts';
import { deviceHash, rememberDevice } from './known-devices.ts';
import type { Throttle } from './throttle.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds for which the access token is valid. */
  readonly expiresIn: number;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  /** What a second factor shows, where the user has one. */
  readonly proof: Proof | undefined;
  /** What the device was given when the user signed in on it before. */
  readonly deviceToken: string | undefined;
  readonly from: Origin;
}

export interface SignIn {
  /**
   * @throws invalid_credentials, whether the address or the password is wrong, or the address is not
   *   verified where it has to be; second_factor_required and invalid_code after the right password
   *   alone; too_many_attempts; sign_in_busy
   */
  login(input: LoginInput): Promise<Tokens & { readonly deviceToken: string }>;
  /** @throws invalid_refresh_token where it is unknown, expired, ended, or in two hands */
  refresh(refreshToken: string): Promise<Tokens>;
  /** Ends the token's session. Nothing happens where it has ended, or never was. */
  logout(refreshToken: string): Promise<void>;
}

interface Deps {
  settings: AccountSettings;
  database: Database;
  sealing: Sealing;
  outbox: Outbox;
  passwords: Passwords;
  accessTokens: AccessTokens;
  revocations: Revocations;
  throttle: Throttle;
  reminders: VerificationReminders;
}

export function signIn(deps: Deps): SignIn {
  const { database, accessTokens, revocations, throttle } = deps;

  const tokensFor = async ({ identity, refreshToken }: Grant): Promise<Tokens> => ({
    accessToken: await accessTokens.issue(identity),
    refreshToken,
    expiresIn: accessTokenLifetime,
  });

  async function login(input: LoginInput): ReturnType<SignIn['login']> {
    const { email, password, proof, from } = input;
    const found = await findUser(database, input);
    const device = found?.device ?? undefined;

    const user = await throttle.attempt(
      device === undefined ? ['password', email, from.ip] : ['device', device.toString('hex')],
      () => checkPassword(deps, found, password),
    );
    if (user === undefined) throw invalidCredentials();
    await upgradePassword(deps, user, password);

    const enter = () => database.transaction((tx) => letIn(deps, tx, user, input));
    const entered = proof === undefined ? await enter() : await withCode(throttle, user, enter);
    if (entered === undefined) throw invalidCode();
    // The password was right and has changed since: whether it still is has to be seen again.
    if (entered === 'password changed') return login(input);
    return { ...(await tokensFor(entered)), deviceToken: entered.deviceToken };
  }

  return {
    login,

    async refresh(refreshToken) {
      // Thrown after the commit: thrown inside, it would undo the end of a session found stolen.
      const grant = await database.transaction((tx) => exchange(tx, refreshToken, revocations));
      if (grant === undefined) throw invalidRefreshToken();
      return tokensFor(grant);
    },

    logout: (refreshToken) =>
      database.transaction((tx) => endSession(tx, refreshToken, revocations)),
  };
}

/**
 * Resolves to the user, where the password is right and may be used. One that may not counts as wrong
 * does: otherwise the number of tries would tell them apart.
 */
async function checkPassword(
  { settings, passwords, reminders }: Deps,
  user: FoundUser | undefined,
  password: string,
): Promise<FoundUser | undefined> {
  const isRight = await passwords.verify(password, user?.passwordHash);
  if (!isRight || user === undefined) return undefined;
  if (maySignIn(settings, user)) return user;
  reminders.remind(user.id);
  return undefined;
}

/**
 * Counts a code. Who knows the password and nothing else cannot use up what is left to the devices
 * that are known; these together have no more than a few, however many they are.
 */
function withCode<T>(
  throttle: Throttle,
  { id, device }: FoundUser,
  enter: () => Promise<T>,
): Promise<T> {
  if (device === null) return throttle.attempt(['code', id], enter);
  return throttle.attempt(['deviceCodes', id], () =>
    throttle.attempt(['code', device.toString('hex')], enter),
  );
}

interface FoundUser {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly passwordHash: string;
  /** Hash of the token of the device, where it is known to be this user's. */
  readonly device: Buffer | null;
}

async function findUser(
  database: Database,
  { email, deviceToken }: LoginInput,
): Promise<FoundUser | undefined> {
  const [user] = await database.queries
    .select({
      id: users.id,
      accountId: users.accountId,
      email: users.email,
      emailVerifiedAt: users.emailVerifiedAt,
      passwordHash: users.passwordHash,
      device: knownDevices.tokenHash,
    })
    .from(users)
    .leftJoin(
      knownDevices,
      and(
        eq(knownDevices.userId, users.id),
        eq(knownDevices.tokenHash, deviceHash(deviceToken ?? '')),
        gt(knownDevices.expiresAt, sql`UTC_TIMESTAMP(3)`),
      ),
    )
    .where(eq(users.email, email));
  return user;
}

/**
 * Begins the session of a user whose password was right.
 *
 * @returns nothing where the code was wrong
 * @throws second_factor_required
 */
async function letIn(
  deps: Deps,
  tx: Transaction,
  user: FoundUser,
  { proof, deviceToken, from }: LoginInput,
): Promise<(Grant & { deviceToken: string }) | 'password changed' | undefined> {
  if (!(await lockUnchanged(tx, user))) return 'password changed';

  const proved = await proveFactor(tx, deps.sealing, user.id, proof);
  if (proved === 'missing') throw secondFactorRequired();
  if (proved === 'wrong') return undefined;

  const known = user.device === null ? undefined : deviceToken;
  const device = await rememberDevice(tx, user.id, known);
  const grant = await beginSession(tx, user, { ...from, deviceHash: deviceHash(device) });
  if (proof !== undefined && 'recoveryCode' in proof) await tellOfRecoveryCode(deps, tx, user);
  return { ...grant, deviceToken: device };
}

/**
 * Locks the user. Who changes the password holds the same lock while he ends all sessions: one that
 * begins with the old password would begin after that, and stay.
 */
async function lockUnchanged(tx: Transaction, user: FoundUser): Promise<boolean> {
  const [locked] = await tx
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, user.id))
    .for('update');
  return locked?.passwordHash === user.passwordHash;
}

async function tellOfRecoveryCode(
  { outbox }: Deps,
  tx: Transaction,
  { id, email }: FoundUser,
): Promise<void> {
  await sendMail(outbox, tx, codeUsedMail(email));
  const user = `user:${id}`;
  recordAct(tx, { actor: user, action: 'user.recovery_code_used', subject: user });
}
