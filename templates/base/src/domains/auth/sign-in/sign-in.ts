import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { accessTokenLifetime, type AccessTokens } from '../access-tokens.ts';
import { upgradePassword } from '../account/password-upgrade.ts';
import { requireVerified } from '../account/require-verified.ts';
import type { AccountSettings } from '../account/settings.ts';
import { invalidCredentials, invalidRefreshToken } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import { beginSession, endSession, exchange, type Grant } from '../sessions/refresh-tokens.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds for which the access token is valid. */
  readonly expiresIn: number;
}

export interface SignIn {
  /**
   * @throws invalid_credentials, whether the address or the password is wrong; email_not_verified;
   * sign_in_busy
   */
  login(input: { email: string; password: string }): Promise<Tokens>;
  /** @throws invalid_refresh_token where it is unknown, expired, ended, or in two hands */
  refresh(refreshToken: string): Promise<Tokens>;
  /** Ends the token's session. Nothing happens where it has ended, or never was. */
  logout(refreshToken: string): Promise<void>;
}

export function signIn(deps: {
  settings: AccountSettings;
  database: Database;
  passwords: Passwords;
  accessTokens: AccessTokens;
}): SignIn {
  const { settings, database, passwords, accessTokens } = deps;

  const tokensFor = async ({ identity, refreshToken }: Grant): Promise<Tokens> => ({
    accessToken: await accessTokens.issue(identity),
    refreshToken,
    expiresIn: accessTokenLifetime,
  });

  return {
    async login({ email, password }) {
      const [user] = await database.queries.select().from(users).where(eq(users.email, email));
      if (!(await passwords.verify(password, user?.passwordHash)) || user === undefined) {
        throw invalidCredentials();
      }
      requireVerified(settings, user);
      await upgradePassword(deps, user, password);
      return tokensFor(await database.transaction((tx) => beginSession(tx, user)));
    },

    async refresh(refreshToken) {
      // Thrown after the commit: thrown inside, it would undo the end of a session found stolen.
      const grant = await database.transaction((tx) => exchange(tx, refreshToken));
      if (grant === undefined) throw invalidRefreshToken();
      return tokensFor(grant);
    },

    logout: (refreshToken) => database.transaction((tx) => endSession(tx, refreshToken)),
  };
}
