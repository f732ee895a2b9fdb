import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { AppError } from '#app/errors.ts';
import { wrongPassword } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';

/**
 * Has a signed-in user prove once more who is there, before something that a stolen access token is
 * not enough for.
 *
 * @returns what the password was compared with, for the WHERE of what is changed next
 * @throws wrong_password, sign_in_busy
 */
export async function confirmPassword(
  { database, passwords }: { database: Database; passwords: Passwords },
  userId: string,
  currentPassword: string,
): Promise<{ email: string; passwordHash: string }> {
  const [user] = await database.queries
    .select({ email: users.email, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  const isRight = await passwords.verify(currentPassword, user?.passwordHash);
  if (!isRight || user === undefined) throw wrongCurrentPassword();
  return user;
}

export function wrongCurrentPassword(): AppError {
  const detail = 'This is not your current password.';
  return wrongPassword({ detail, errors: [{ pointer: '#/currentPassword', detail }] });
}
