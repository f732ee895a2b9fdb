// Cookies that no script and no other site can read or send (RFC 6265bis).
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpSettings } from './settings.ts';

export interface Cookie {
  /** The value that a request brought, if it is there. */
  read(headers: IncomingHttpHeaders): string | undefined;
  /** The Set-Cookie header that gives it to a browser, for so many seconds. */
  set(value: string, maxAge: number): string;
  /** The Set-Cookie header that takes it away. */
  clear(): string;
}

/**
 * A cookie of this service's own host alone. Over https the prefix of its name has browsers see to
 * that; without it, as on http://localhost, they would not take it.
 *
 * @param name its name, without the prefix
 */
export function hostCookie(name: string, settings: Pick<HttpSettings, 'APP_ORIGIN'>): Cookie {
  const secure = settings.APP_ORIGIN.startsWith('https:');
  const fullName = secure ? `__Host-${name}` : name;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

  return {
    read: (headers) =>
      headers.cookie
        ?.split(';')
        .map((pair) => pair.trim())
        .find((pair) => pair.startsWith(`${fullName}=`))
        ?.slice(fullName.length + 1),
    set: (value, maxAge) => `${fullName}=${value}; Max-Age=${maxAge}; ${attributes}`,
    clear: () => `${fullName}=; Max-Age=0; ${attributes}`,
  };
}
