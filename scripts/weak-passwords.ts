// Writes the list of weak passwords of the generated backend anew, those that the dictionary of
// @zxcvbn-ts/language-common lacks: from a folder that holds commonWords.json and firstnames.json of
// @zxcvbn-ts/language-en and common-passwords.txt of Django, unpacked.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { dictionary } from '@zxcvbn-ts/language-common';

import { coresOf } from '../templates/base/src/domains/auth/account/password-cores.ts';
import {
  isRepetitive,
  isShortNumber,
} from '../templates/base/src/domains/auth/account/password-patterns.ts';
import { isSequence } from '../templates/base/src/domains/auth/account/password-sequences.ts';
import { isLongEnough } from '../templates/base/src/domains/auth/account/weak-passwords.ts';
import { root } from './lib/root.ts';

const file = join(root, 'templates/base/src/domains/auth/account/weak-passwords.txt');
const folder = process.argv[2];

if (folder === undefined) {
  process.stderr.write('Usage: node scripts/weak-passwords.ts FOLDER\n');
  process.exitCode = 2;
} else {
  // Of its 55,000 words, the most used first. A name that is not among them is tried late.
  const frequent = plainWords(jsonList(folder, 'commonWords.json'));
  const names = plainWords(jsonList(folder, 'firstnames.json'));
  const words = [
    ...readFileSync(join(folder, 'common-passwords.txt'), 'utf8').split('\n'),
    ...frequent.slice(0, 5000),
    ...names.filter((name) => frequent.includes(name)),
  ];
  const [comment] = readFileSync(file, 'utf8').split('\n\n');
  writeFileSync(file, `${comment}\n\n${lacking(words).join('\n')}\n`);
}

function jsonList(from: string, name: string): string[] {
  return JSON.parse(readFileSync(join(from, name), 'utf8')) as string[];
}

function plainWords(words: readonly string[]): string[] {
  return words.filter((word) => /^[a-z]{5,}$/.test(word));
}

/** Those that are not refused without this list, or for another one in it. */
function lacking(words: readonly string[]): string[] {
  const known = new Set<string>(Object.values(dictionary).flat());
  const all = new Set([...known, ...words].filter(isLongEnough));
  const isImplied = (word: string) =>
    [...coresOf(word)].some(
      (core) =>
        [isSequence, isRepetitive, isShortNumber].some((rule) => rule(core)) ||
        (core !== word && all.has(core)),
    );
  return [...all].filter((word) => !known.has(word) && !isImplied(word)).toSorted();
}
