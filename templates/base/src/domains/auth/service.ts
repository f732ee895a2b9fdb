import { eq } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import { newId } from '#app/database/id.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { accessTokenLifetime, accessTokens, type Identity } from './access-tokens.ts';
import { emailTaken, invalidCredentials, invalidRefreshToken } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { users } from './models.ts';
import { openPasswords, type Passwords } from './passwords.ts';
import { beginSession, endSession, exchange, type Grant } from './refresh-tokens.ts';

export type User = Pick<typeof users.$inferSelect, 'id' | 'accountId' | 'email' | 'createdAt'>;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds for which the access token is valid. */
  readonly expiresIn: number;
}

export interface AuthService {
  /** @throws email_taken */
  register(input: { email: string; password: string }): Promise<User>;
  /** @throws invalid_credentials, whether the address or the password is wrong; sign_in_busy */
  login(input: { email: string; password: string }): Promise<Tokens>;
  /** @throws invalid_refresh_token where it is unknown, expired, ended, or in two hands */
  refresh(refreshToken: string): Promise<Tokens>;
  /** Ends the token's session. Nothing happens where it has ended, or never was. */
  logout(refreshToken: string): Promise<void>;
  /** Resolves to whom an access token speaks for, or to nothing where it is not valid. */
  identify(accessToken: string): Promise<Identity | undefined>;
  findUser(id: string): Promise<User | undefined>;
  close(): Promise<void>;
}

export async function openAuth(deps: {
  settings: { APP_ORIGIN: string };
  database: Database;
  keyring: Keyring;
}): Promise<AuthService> {
  const { database } = deps;
  const tokens = accessTokens(deps.keyring, deps.settings.APP_ORIGIN);
  const passwords = openPasswords();

  // Read at every request of a signed-in user, so by a statement that the server keeps prepared.
  const findUser = async (id: string): Promise<User | undefined> => {
    const [rows] = await database.pool.execute<(User & RowDataPacket)[]>(
      'SELECT id, account_id AS accountId, email, created_at AS createdAt FROM users WHERE id = ?',
      [id],
    );
    return rows[0];
  };

  const tokensFor = async ({ identity, refreshToken }: Grant): Promise<Tokens> => ({
    accessToken: await tokens.issue(identity),
    refreshToken,
    expiresIn: accessTokenLifetime,
  });

  return {
    async register(input) {
      const user = await findUser(await registerUser({ database, passwords }, input));
      if (user === undefined) throw new Error('A user that was just made is not there');
      return user;
    },

    async login({ email, password }) {
      const [user] = await database.queries.select().from(users).where(eq(users.email, email));
      if (!(await passwords.verify(password, user?.passwordHash)) || user === undefined) {
        throw invalidCredentials();
      }
      return tokensFor(await database.transaction((tx) => beginSession(tx, user)));
    },

    async refresh(refreshToken) {
      // Thrown after the commit: thrown inside, it would undo the end of a session found stolen.
      const grant = await database.transaction((tx) => exchange(tx, refreshToken));
      if (grant === undefined) throw invalidRefreshToken();
      return tokensFor(grant);
    },

    logout: (refreshToken) => database.transaction((tx) => endSession(tx, refreshToken)),
    identify: (accessToken) => tokens.verify(accessToken),
    findUser,
    close: async () => {},
  };
}

/**
 * Makes a user, with a personal account.
 *
 * @returns the user's id
 * @throws email_taken
 */
export async function registerUser(
  deps: { database: Database; passwords: Passwords },
  { email, password }: { email: string; password: string },
): Promise<string> {
  const passwordHash = await deps.passwords.hash(password);
  const id = newId();
  try {
    await deps.database.transaction(async (tx) => {
      const accountId = await createAccount(tx, email);
      await tx.insert(users).values({ id, accountId, email, passwordHash });
    });
  } catch (error) {
    if (isDuplicate(error, 'users_email')) throw emailTaken();
    throw error;
  }
  return id;
}
