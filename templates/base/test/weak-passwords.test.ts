// What is refused is what others guess, also by a list that the service's own was not made of, and
// nothing that was made at random.
import { randomBytes, randomInt } from 'node:crypto';
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
  expect(common.length).toBeGreaterThan(1000);
  expect(common.filter((password) => !isRefused(password))).toEqual([]);
});

test.for([
  ['twelve random characters', () => randomBytes(9).toString('base64url')],
  ['four random words', () => fourWords().join(' ')],
  ['four random words, joined, and a number', () => `${fourWords().join('')}${randomInt(100)}`],
] as const)('a thousand passwords of %s are taken', ([, make]) => {
  const passwords = Array.from({ length: 1000 }, make);
  expect(passwords.filter(isRefused)).toEqual([]);
});

function fourWords(): string[] {
  return Array.from({ length: 4 }, () => words[randomInt(words.length)] ?? '');
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
