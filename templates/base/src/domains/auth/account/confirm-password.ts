import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { AppError } from '#app/errors.ts';
import { wrongPassword } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';
import type { Throttle } from '../sign-in/throttle.ts';

/**
 * Has a signed-in user prove once more who is there, before something that a stolen access token is
 * not enough for.
 *
 * @returns what the password was compared with, for the WHERE of what is changed next
 * @throws wrong_password, too_many_attempts, sign_in_busy
 */
export async function confirmPassword(
  deps: { database: Database; passwords: Passwords; throttle: Throttle },
  userId: string,
  currentPassword: string,
): Promise<{ email: string; passwordHash: string }> {
  const { database, passwords, throttle } = deps;
  const [user] = await database.queries
    .select({ email: users.email, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  const isRight = await throttle.attempt(['confirmation', userId], () =>
    passwords.verify(currentPassword, user?.passwordHash),
  );
  if (!isRight || user === undefined) throw wrongCurrentPassword();
  return user;
}

export function wrongCurrentPassword(): AppError {
  const detail = 'This is not your current password.';
  return wrongPassword({ detail, errors: [{ pointer: '#/currentPassword', detail }] });
}
