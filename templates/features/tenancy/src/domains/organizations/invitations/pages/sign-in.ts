import { invalidCredentials } from '#app/domains/auth/errors.ts';
import { Password } from '#app/domains/auth/schemas.ts';
import type { Proof } from '#app/domains/auth/second-factor/prove-factor.ts';
import { FactorCode } from '#app/domains/auth/second-factor/schemas.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { hostCookie } from '#app/http/cookies.ts';
import type { GuardRequest } from '#app/http/route.ts';
import type { HttpSettings } from '#app/http/settings.ts';

export interface ProvenUser {
  readonly userId: string;
  /** For the browser to keep: who guesses from elsewhere cannot slow it down. */
  readonly deviceToken: string;
}

/**
 * Has somebody prove, as for a sign-in, that they are the user of an address. The session that comes
 * of it ends at once: where people sign in is for the app to say, which this page knows nothing of.
 *
 * @param typed as it came from a form; `code` may be a recovery code
 * @throws invalid_credentials, second_factor_required, invalid_code, too_many_attempts, sign_in_busy
 */
export async function proveUser(
  deps: { auth: AuthService; settings: Pick<HttpSettings, 'APP_ORIGIN'> },
  typed: { readonly email: string; readonly password: string; readonly code: string },
  { ip, headers }: GuardRequest,
): Promise<ProvenUser> {
  const { auth, settings } = deps;
  const password = Password.safeParse(typed.password);
  if (!password.success) throw invalidCredentials();
  const { accessToken, refreshToken, deviceToken } = await auth.signIn.login({
    email: typed.email,
    password: password.data,
    proof: proofIn(typed.code.trim()),
    deviceToken: hostCookie('device', settings).read(headers),
    from: { ip, userAgent: headers['user-agent'] },
  });
  const identity = await auth.identify(accessToken);
  await auth.signIn.logout(refreshToken);
  if (identity === undefined) throw invalidCredentials();
  return { userId: identity.userId, deviceToken };
}

function proofIn(text: string): Proof | undefined {
  if (text === '') return undefined;
  const code = FactorCode.safeParse(text);
  return code.success ? { code: code.data } : { recoveryCode: text };
}
