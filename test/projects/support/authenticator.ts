import { totpCode } from '../../../templates/base/src/domains/auth/second-factor/totp.ts';

const stepSeconds = 30;

/** The code that an authenticator app shows now. */
export function codeOf(secret: string): string {
  return totpCode(fromBase32(secret), Math.floor(Date.now() / 1000 / stepSeconds));
}

function fromBase32(text: string): Buffer {
  const letters = text.toUpperCase().match(/[A-Z2-7]/g) ?? [];
  const bits = letters
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
