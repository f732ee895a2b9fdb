// One-time passwords from the time (RFC 6238), as every authenticator app makes them when it is told
// nothing else: HMAC-SHA-1, six digits, thirty seconds.
import { createHmac, timingSafeEqual } from 'node:crypto';

const stepSeconds = 30;
const digits = 6;
/** The step that runs, and the one before it: typing takes time, and clocks differ a little. */
const acceptedSteps = [0, -1];

/** Bytes of a secret: as many as the hash has (RFC 4226, section 4, R6). */
export const totpSecretBytes = 20;

/** The code of a step (RFC 4226, section 5.3). */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = hash.readUInt8(hash.length - 1) & 0x0f;
  const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/**
 * Finds the step whose code this is.
 *
 * @param time seconds since 1970
 * @returns nothing where it is the code of no step that is accepted now
 */
export function stepOfCode(secret: Buffer, code: string, time: number): number | undefined {
  const current = Math.floor(time / stepSeconds);
  return acceptedSteps
    .map((offset) => current + offset)
    .find((step) => isSame(totpCode(secret, step), code));
}

/** What an authenticator app reads from a QR code (Google Authenticator's Key URI Format). */
export function otpauthUrl(secret: Buffer, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 without padding (RFC 4648, section 6), for a length that is a multiple of five bytes. */
export function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group, 2))).join('');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
