import type { AccountSettings } from './settings.ts';

/**
 * Says whether a user may sign in by the password: not before the address is verified, where that is
 * asked for. Who is turned away by this has to see what a wrong password would have shown. Anybody
 * can register an address and sign in with the password just chosen: another answer would tell
 * whether the address was free.
 */
export function maySignIn(
  settings: AccountSettings,
  user: { readonly emailVerifiedAt: Date | null },
): boolean {
  return settings.EMAIL_VERIFICATION === 'optional' || user.emailVerifiedAt !== null;
}
