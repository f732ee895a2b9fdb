// A browser on which an operator has signed in before. Strangers' guesses at the operator's address
// do not count against it: otherwise who knows the address could keep its owner out.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { hostCookie } from '#app/http/cookies.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { adminOrigin } from '../settings.ts';

const days = 180;
const bytes = 16;

export interface KnownBrowsers {
  /** The name of the browser that a request comes from, where this operator has signed in on it. */
  find(headers: IncomingHttpHeaders, email: string): string | undefined;
  /** The Set-Cookie header by which it is known from now on. */
  remember(headers: IncomingHttpHeaders, email: string): string;
}

export function knownBrowsers(deps: {
  settings: Pick<Settings, 'APP_ORIGIN' | 'ADMIN_ORIGIN'>;
  sealing: Sealing;
}): KnownBrowsers {
  const cookie = hostCookie('admin-browser', { APP_ORIGIN: adminOrigin(deps.settings) });
  const proofOf = (name: string, email: string) =>
    deps.sealing.fingerprint(`admin browser of ${email}`, name);

  function find(headers: IncomingHttpHeaders, email: string): string | undefined {
    const [name = '', proof = ''] = cookie.read(headers)?.split('.') ?? [];
    const [given, right] = [Buffer.from(proof, 'base64url'), proofOf(name, email)];
    return given.length === right.length && timingSafeEqual(given, right) ? name : undefined;
  }

  return {
    find,
    remember(headers, email) {
      const name = find(headers, email) ?? randomBytes(bytes).toString('base64url');
      const proof = proofOf(name, email).toString('base64url');
      return cookie.set(`${name}.${proof}`, days * 24 * 60 * 60);
    },
  };
}
