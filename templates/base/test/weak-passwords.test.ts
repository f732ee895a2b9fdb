// What is refused is what others guess, also by a list that the service's own was not made of, and
// next to nothing that was made at random: the same each run, since one of some hundred thousand is.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPasswordPolicy } from '#app/domains/auth/account/password-policy.ts';
import { weakPassword } from '#app/domains/auth/errors.ts';
import { AppError } from '#app/errors.ts';

const policy = await openPasswordPolicy();
const email = 'ada.lovelace@example.com';
const account = join(import.meta.dirname, '../src/domains/auth/account');
// Each of these alone is refused.
const words = (await listed(join(account, 'weak-passwords.txt'))).filter((line) =>
  /^[a-z]{5,}$/.test(line),
);

test('every common password is refused', async () => {
  const common = await listed(join(import.meta.dirname, 'support', 'common-passwords.txt'));
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

/** The lines of a file after its comment. */
async function listed(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return text.slice(text.indexOf('\n\n')).trim().split('\n');
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
