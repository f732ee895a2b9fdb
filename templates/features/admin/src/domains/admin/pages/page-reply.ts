import { randomBytes } from 'node:crypto';
import type { AnswerHeaders } from '#app/http/route.ts';

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
  return { 'Content-Security-Policy': policy.join('; ') };
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}
