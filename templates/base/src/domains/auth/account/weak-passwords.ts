import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dictionary } from '@zxcvbn-ts/language-common';

const list = join(import.meta.dirname, 'weak-passwords.txt');

/**
 * The passwords, words and names that are guessed first, in lower case: those of zxcvbn's dictionary,
 * and those that it lacks.
 */
export async function readWeakPasswords(): Promise<ReadonlySet<string>> {
  const text = await readFile(list, 'utf8');
  // The first empty line ends the comment. A password may begin as a comment does.
  const others = text.slice(text.indexOf('\n\n')).split('\n');
  return new Set([...Object.values(dictionary).flat(), ...others].filter(isLongEnough));
}

/** Shorter ones would make weak what is not: a long password may have `sun` or `1024` in it. */
export function isLongEnough(word: string): boolean {
  return word.length >= 5 || /^\p{L}{4}$/u.test(word);
}
