import { totpCode } from '#app/domains/auth/second-factor/totp.ts';

/** An authenticator app: the code that it shows, or showed some steps ago. */
export function authenticator(secret: string): (stepsAgo?: number) => string {
  const key = fromBase32(secret);
  return (stepsAgo = 0) => totpCode(key, Math.floor(Date.now() / 30_000) - stepsAgo);
}

/** The bytes of a secret as an authenticator app takes it. */
export function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = text
    .split('')
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
