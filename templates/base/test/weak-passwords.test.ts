// What is refused is what others guess, also by a list that the service's own was not made of, and
// next to nothing that was made at random: the same each run, since one of some hundred thousand is.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPasswordPolicy } from '#app/domains/auth/account/password-policy.ts';
import { readWeakPasswords } from '#app/domains/auth/account/weak-passwords.ts';
import { weakPassword } from '#app/domains/auth/errors.ts';
import { AppError } from '#app/errors.ts';

const policy = await openPasswordPolicy();
const email = 'ada.lovelace@example.com';
// Each of these alone is refused.
const words = [...(await readWeakPasswords())].filter((word) => /^[a-z]{5,}$/.test(word));

test('every common password is refused', async () => {
  const file = join(import.meta.dirname, 'support', 'common-passwords.txt');
  const text = await readFile(file, 'utf8');
  // The first empty line ends the comment.
  const common = text.slice(text.indexOf('\n\n')).trim().split('\n');
  expect(common.length).toBeGreaterThan(200);
  expect(common.filter((password) => !isRefused(password))).toEqual([]);
});

test.for([
  ['twelve random characters', (seed: string) => drawn(seed).toString('base64url').slice(0, 12)],
  ['four random words', (seed: string) => fourWords(seed).join(' ')],
  [
    'four random words, joined, and a number',
    (seed: string) => `${fourWords(seed).join('')}${drawn(seed).readUInt8(31) % 100}`,
  ],
] as const)('a thousand passwords of %s are taken', ([kind, make]) => {
  const passwords = Array.from({ length: 1000 }, (_, index) => make(`${kind} ${index}`));
  expect(passwords.filter(isRefused)).toEqual([]);
});

function drawn(seed: string): Buffer {
  return createHash('sha256').update(seed).digest();
}

function fourWords(seed: string): string[] {
  const bytes = drawn(seed);
  return [0, 4, 8, 12].map((at) => words[bytes.readUInt32BE(at) % words.length] ?? '');
}

function isRefused(password: string): boolean {
  try {
    policy.check(password, email);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.kind === weakPassword) return true;
    throw error;
  }
}
