import type { Database } from '#app/database/database.ts';
import type { ErrorKind } from '#app/errors.ts';
import type { GuardRequest } from '#app/http/route.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { accessTokens, type AccessTokens, type Identity } from './access-tokens.ts';
import { emailChange, type EmailChange } from './account/email-change.ts';
import { findEmailToken, type Purpose } from './account/email-tokens.ts';
import { emailVerification, type EmailVerification } from './account/email-verification.ts';
import { linksFrom } from './account/links.ts';
import { passwordChange, type PasswordChange } from './account/password-change.ts';
import { openPasswordPolicy, type PasswordPolicy } from './account/password-policy.ts';
import { passwordReset, type PasswordReset } from './account/password-reset.ts';
import { registration, type Registration } from './account/registration.ts';
import type { AccountSettings } from './account/settings.ts';
import { verificationReminders } from './account/verification-reminders.ts';
import { permitInPlace } from './acts-in-place.ts';
import type { Keyring } from './keyring.ts';
import { openPasswords, type Passwords } from './passwords.ts';
import { startPruning } from './pruning.ts';
import { secondFactor, type SecondFactor } from './second-factor/second-factor.ts';
import type { Revocations } from './sessions/revocations.ts';
import { openSessions, type Sessions } from './sessions/sessions.ts';
import { signIn, type SignIn } from './sign-in/sign-in.ts';
import { openThrottle, type Throttle } from './sign-in/throttle.ts';
import { openUsers, type Users } from './users.ts';

/** Authentication: who somebody is, and how they prove it. */
export interface AuthService {
  readonly users: Users;
  readonly registration: Registration;
  readonly emailVerification: EmailVerification;
  readonly emailChange: EmailChange;
  readonly passwordReset: PasswordReset;
  readonly passwordChange: PasswordChange;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly secondFactor: SecondFactor;
  /** What else signs somebody in, or speaks for them, is made from the same parts. */
  readonly accessTokens: AccessTokens;
  readonly passwords: Passwords;
  readonly policy: PasswordPolicy;
  readonly throttle: Throttle;
  readonly revocations: Revocations;
  /** Resolves to whom an access token speaks for, or to nothing where it is not valid. */
  identify(accessToken: string): Promise<Identity | undefined>;
  /**
   * Makes sure that who is known may use a route, and records who changes something in a user's place.
   *
   * @throws only_in_person where that takes the user, and somebody acts in the user's place
   */
  permit(identity: Identity, route: GuardRequest['route']): Promise<void>;
  /** What else `permit` may throw for a route, where there is more to it than the user in person. */
  refusalsOf?(route: GuardRequest['route']): readonly ErrorKind[];
  /** The address that a link was sent to; nothing where the link does not work. */
  addressOf(purpose: Purpose, token: string): Promise<string | undefined>;
  /** What somebody has to look after, though the service works; nothing where all is well. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

export async function openAuth(deps: {
  settings: Pick<Settings, 'APP_ORIGIN' | 'NODE_ENV'> & AccountSettings;
  log: Log;
  database: Database;
  sealing: Sealing;
  outbox: Outbox;
  keyring: Keyring;
  revocations: Revocations;
}): Promise<AuthService> {
  const tokens = accessTokens(deps.keyring, deps.settings.APP_ORIGIN);
  const parts = {
    ...deps,
    accessTokens: tokens,
    passwords: openPasswords(deps.settings),
    policy: await openPasswordPolicy(),
    links: linksFrom(deps.settings.APP_ORIGIN),
    throttle: openThrottle(deps),
    users: openUsers(deps.database),
  };
  const verification = emailVerification(parts);
  const reminders = verificationReminders({ ...deps, emailVerification: verification });
  const pruning = startPruning(deps);

  const { passwords, policy, revocations, throttle, users } = parts;
  return {
    accessTokens: tokens,
    passwords,
    policy,
    throttle,
    revocations,
    users,
    registration: registration(parts),
    emailVerification: verification,
    emailChange: emailChange(parts),
    passwordReset: passwordReset(parts),
    passwordChange: passwordChange(parts),
    signIn: signIn({ ...parts, reminders }),
    sessions: openSessions(parts),
    secondFactor: secondFactor(parts),
    async identify(accessToken) {
      const identity = await tokens.verify(accessToken);
      const ended = identity !== undefined && revocations.has(identity.sessionId);
      return ended ? undefined : identity;
    },
    permit: (identity, route) => permitInPlace(deps.database, identity, route),
    addressOf: async (purpose, token) =>
      (await findEmailToken(deps.database.queries, purpose, token))?.email,
    get problem() {
      return revocations.problem;
    },
    close: async () => {
      await Promise.all([pruning.close(), reminders.close()]);
    },
  };
}
