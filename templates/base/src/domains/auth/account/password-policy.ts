import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { service } from '#app/service.ts';
import { weakPassword } from '../errors.ts';
import { coresOf, normalized } from './password-cores.ts';
import { isSequence } from './password-sequences.ts';

const list = join(import.meta.dirname, 'weak-passwords.txt');
/** Characters that have to differ. Fewer make a pattern, however long it is. */
const distinctAtLeast = 5;

export interface PasswordPolicy {
  /**
   * Refuses a password that would be among the first to be guessed (ASVS 5.0, 6.2.4 and 6.2.11).
   * Its length is for the schema to say; nothing is asked of which characters it is made.
   *
   * @throws weak_password
   */
  check(password: string, email: string): void;
}

/** Loads the list of passwords that too many people have. */
export async function openPasswordPolicy(): Promise<PasswordPolicy> {
  const text = await readFile(list, 'utf8');
  // The first empty line ends the comment. A password may begin as a comment does.
  const common = new Set(text.slice(text.indexOf('\n\n')).split('\n').filter(Boolean));

  return {
    check(password, email) {
      const cores = coresOf(password);
      const isOneOf = (words: readonly string[]) =>
        words.some((word) => word !== '' && cores.has(normalized(word)));
      if (isOneOf([email, email.split('@')[0] ?? ''])) {
        throw refusal('This is your own address, which others know as well.');
      }
      if (isOneOf([service.name, service.name.replaceAll(/\P{L}/gu, '')])) {
        throw refusal('This is the name of this service, which is among the first to be tried.');
      }
      if ([...cores].some((core) => common.has(core))) {
        throw refusal(
          'Many people use this password, or one that differs by a number, a sign or a swapped letter, so it is among the first to be tried.',
        );
      }
      if ([...cores].some(isSequence)) {
        throw refusal(
          'This follows the order of keys, letters or digits, so it is among the first to be tried.',
        );
      }
      if (new Set(normalized(password)).size < distinctAtLeast) {
        throw refusal(
          `This password has fewer than ${distinctAtLeast} different characters, so it is among the first to be tried.`,
        );
      }
    },
  };
}

function refusal(detail: string) {
  return weakPassword({ detail, errors: [{ pointer: '#/password', detail }] });
}
