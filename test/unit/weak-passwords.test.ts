// The generated project's own test has a part of this list: it would take more room than ten tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coresOf } from '../../templates/base/src/domains/auth/account/password-cores.ts';
import {
  isRepetitive,
  isShortNumber,
} from '../../templates/base/src/domains/auth/account/password-patterns.ts';
import { isSequence } from '../../templates/base/src/domains/auth/account/password-sequences.ts';
import { readWeakPasswords } from '../../templates/base/src/domains/auth/account/weak-passwords.ts';

const weak = await readWeakPasswords();

test('a thousand common passwords of another list are refused', () => {
  const common = listed(join(import.meta.dirname, 'support', 'common-passwords.txt'));
  expect(common.length).toBeGreaterThan(1000);
  expect(common.filter((password) => !isRefused(password))).toEqual([]);
});

/** As the policy of the generated project refuses a password, whoever has it. */
function isRefused(password: string): boolean {
  const cores = [...coresOf(password)];
  const rules = [isSequence, isShortNumber, isRepetitive, (core: string) => weak.has(core)];
  return cores.some((core) => rules.some((rule) => rule(core))) || new Set(password).size < 5;
}

/** The lines of a file after its comment. */
function listed(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return text.slice(text.indexOf('\n\n')).trim().split('\n');
}
