import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import { newId } from '#app/database/id.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { emailTaken } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import type { User, Users } from '../users.ts';

export interface Registration {
  /** @throws email_taken, sign_in_busy */
  register(input: { email: string; password: string }): Promise<User>;
}

export function registration(deps: {
  database: Database;
  passwords: Passwords;
  users: Users;
}): Registration {
  return {
    async register(input) {
      const user = await deps.users.find(await registerUser(deps, input));
      if (user === undefined) throw new Error('A user that was just made is not there');
      return user;
    },
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
