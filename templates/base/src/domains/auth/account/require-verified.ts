import { emailNotVerified } from '../errors.ts';
import type { AccountSettings } from './settings.ts';

/**
 * Turns away a user whose address is not verified, where that is asked for. To be called after the
 * password was right: nobody else learns that there is such a user.
 *
 * @throws email_not_verified
 */
export function requireVerified(
  settings: AccountSettings,
  user: { readonly emailVerifiedAt: Date | null },
): void {
  if (settings.EMAIL_VERIFICATION === 'optional' || user.emailVerifiedAt !== null) return;
  throw emailNotVerified({
    detail:
      'Follow the link in the mail that was sent to the address. If it has expired, ask for a new password: its link verifies the address as well.',
  });
}
