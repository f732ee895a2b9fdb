import { expect, test } from 'vitest';
import { base32, otpauthUrl, stepOfCode, totpCode } from '#app/domains/auth/second-factor/totp.ts';

const secret = Buffer.from('12345678901234567890');

// RFC 6238, appendix B, for SHA-1. It shows eight digits, of which six are the last six.
test.for([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const)('at %i the code is the one of RFC 6238', ([time, eight]) => {
  const code = eight.slice(2);
  expect(totpCode(secret, Math.floor(time / 30))).toBe(code);
  expect(stepOfCode(secret, code, time)).toBe(Math.floor(time / 30));
});

// RFC 4226, appendix D.
test('the first ten codes are those of RFC 4226', () => {
  expect(Array.from({ length: 10 }, (_, step) => totpCode(secret, step))).toEqual([
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ]);
});

test('the code of this step and of the one before is accepted, and no other', () => {
  const time = 1_234_567_890;
  const step = Math.floor(time / 30);
  const accepted = [-3, -2, -1, 0, 1, 2].filter(
    (offset) => stepOfCode(secret, totpCode(secret, step + offset), time) === step + offset,
  );
  expect(accepted).toEqual([-1, 0]);
  for (const code of ['', '0', '12345', '1234567', 'abcdef']) {
    expect(stepOfCode(secret, code, time)).toBeUndefined();
  }
});

// RFC 4648, section 10, and the example of the Key URI Format.
test('the secret is given as authenticator apps read it', () => {
  expect(base32(Buffer.from('fooba'))).toBe('MZXW6YTB');
  expect(base32(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(otpauthUrl(secret, 'My App & Co', 'ada+x@example.com')).toBe(
    'otpauth://totp/My%20App%20%26%20Co:ada%2Bx%40example.com' +
      '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20App%20%26%20Co',
  );
});
