import { randomBytes } from 'node:crypto';
import { reply, type AnswerHeaders } from '#app/http/route.ts';
import { layout, type Layout } from './layout.ts';

/**
 * The headers of a page that has scripts: those run that carry its nonce, and what they load (CSP
 * Level 3, 'strict-dynamic'; ASVS 5.0, 3.4.3).
 */
export function pageHeaders(nonce: string): AnswerHeaders {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ];
  return { 'Content-Security-Policy': policy.join('; '), ...tellOrigin };
}

/** Without this a browser that sends no `Sec-Fetch-Site` would say `Origin: null` of our own forms. */
const tellOrigin: AnswerHeaders = { 'Referrer-Policy': 'same-origin' };

export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** A page for who is not signed in, on which no script runs. */
export function replyPublic<const Status extends number>(
  status: Status,
  page: Pick<Layout, 'title' | 'content' | 'notice'>,
  headers: AnswerHeaders = {},
) {
  return reply(status, layout(page), { ...tellOrigin, ...headers });
}
