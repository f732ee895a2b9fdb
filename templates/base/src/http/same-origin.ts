import type { IncomingHttpHeaders } from 'node:http';
import { crossSiteRequest } from './errors.ts';
import type { HttpSettings } from './settings.ts';

/**
 * Lets through what a page of ours sends: a browser adds cookies by itself, whoever has it send a
 * request. `Sec-Fetch-Site` is what browsers say about that and scripts cannot; where it is missing,
 * `Origin` decides, and where both are, nobody knows (OWASP, Cross-Site Request Forgery Prevention).
 * The origins that may call the API from browsers are ours in this.
 *
 * @throws cross_site_request
 */
export function requireSameOrigin(
  headers: IncomingHttpHeaders,
  settings: Pick<HttpSettings, 'APP_ORIGIN' | 'CORS_ORIGINS'>,
): void {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const listed = origin !== undefined && settings.CORS_ORIGINS.includes(origin);
  const own = site === undefined ? origin === settings.APP_ORIGIN : site === 'same-origin';
  if (own || listed) return;
  throw crossSiteRequest({ detail: 'A request with a cookie has to come from this site itself.' });
}

/**
 * Says whether a form was sent by a page of another site. Softer than what a cookie takes, for a form
 * that counts without one: a browser that sends no `Sec-Fetch-Site` says `Origin: null` of our own
 * pages, since they tell nobody where they are (`Referrer-Policy: no-referrer`).
 */
export function isFromAnotherSite(
  headers: IncomingHttpHeaders,
  settings: Pick<HttpSettings, 'APP_ORIGIN' | 'CORS_ORIGINS'>,
): boolean {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  if (origin !== undefined && settings.CORS_ORIGINS.includes(origin)) return false;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && origin !== 'null' && origin !== settings.APP_ORIGIN;
}
