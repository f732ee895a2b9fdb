import type { IncomingHttpHeaders } from 'node:http';
import { idempotencyKeyMalformed } from './errors.ts';

/** Characters that a key may have. */
export const maxKeyLength = 255;

/** RFC 8941, section 3.3.3: in quotes, in which `"` and `\` have a backslash before them. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])+)"$/;
/** As most clients send it: visible characters but for `"`, `,` and `\`. */
const bare = /^[!#-+\x2d-[\]-~]+$/;

/**
 * The key that a request was sent with, in quotes or without: it is the same one.
 *
 * @throws idempotency_key_malformed
 */
export function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const value = String(sent);
  const key = quoted.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? bare.exec(value)?.[0];
  if (key === undefined || key.length > maxKeyLength) {
    throw idempotencyKeyMalformed({
      detail: `Idempotency-Key takes one string of 1 to ${maxKeyLength} characters, such as a UUID.`,
    });
  }
  return key;
}
