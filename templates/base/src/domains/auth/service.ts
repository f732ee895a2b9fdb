import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { accessTokens, type Identity } from './access-tokens.ts';
import { registration, type Registration } from './account/registration.ts';
import type { Keyring } from './keyring.ts';
import { openPasswords } from './passwords.ts';
import { signIn, type SignIn } from './sign-in/sign-in.ts';
import { openUsers, type Users } from './users.ts';

/** Authentication: who somebody is, and how they prove it. */
export interface AuthService {
  readonly users: Users;
  readonly registration: Registration;
  readonly signIn: SignIn;
  /** Resolves to whom an access token speaks for, or to nothing where it is not valid. */
  identify(accessToken: string): Promise<Identity | undefined>;
  close(): Promise<void>;
}

export async function openAuth(deps: {
  settings: { APP_ORIGIN: string };
  log: Log;
  database: Database;
  sealing: Sealing;
  outbox: Outbox;
  keyring: Keyring;
}): Promise<AuthService> {
  const tokens = accessTokens(deps.keyring, deps.settings.APP_ORIGIN);
  const users = openUsers(deps.database);
  const parts = { ...deps, users, passwords: openPasswords(), accessTokens: tokens };

  return {
    users,
    registration: registration(parts),
    signIn: signIn(parts),
    identify: (accessToken) => tokens.verify(accessToken),
    close: async () => {},
  };
}
