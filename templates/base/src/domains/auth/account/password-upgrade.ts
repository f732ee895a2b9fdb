import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { AppError } from '#app/errors.ts';
import { signInBusy } from '../errors.ts';
import { users } from '../models.ts';
import type { Passwords } from '../passwords.ts';

/** Stores a password that was right by today's parameters, where it is by weaker ones. */
export async function upgradePassword(
  { database, passwords }: { database: Database; passwords: Passwords },
  user: { readonly id: string; readonly passwordHash: string },
  password: string,
): Promise<void> {
  if (!passwords.needsRehash(user.passwordHash)) return;
  try {
    const passwordHash = await passwords.hash(password);
    await database.queries
      .update(users)
      .set({ passwordHash })
      // It may have been changed meanwhile.
      .where(and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash)));
  } catch (error) {
    // There will be a quieter sign-in.
    if (!(error instanceof AppError && error.kind === signInBusy)) throw error;
  }
}
