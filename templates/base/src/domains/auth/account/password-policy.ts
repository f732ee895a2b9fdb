import { service } from '#app/service.ts';
import { weakPassword } from '../errors.ts';
import { coresOf, normalized } from './password-cores.ts';
import { isRepetitive, isShortNumber } from './password-patterns.ts';
import { isSequence } from './password-sequences.ts';
import { readWeakPasswords } from './weak-passwords.ts';

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

/** Loads the passwords that too many people have. */
export async function openPasswordPolicy(): Promise<PasswordPolicy> {
  const common = await readWeakPasswords();

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
      if ([...cores].some(isSequence)) {
        throw refusal(
          'This follows the order of keys, letters or digits, so it is among the first to be tried.',
        );
      }
      if ([...cores].some(isShortNumber)) {
        throw refusal(
          'This is a date or another number of up to eight digits, so it is among the first to be tried.',
        );
      }
      if ([...cores].some((core) => common.has(core))) {
        throw refusal(
          'Many people use this password, or one that differs by a number, a sign or a swapped letter, so it is among the first to be tried.',
        );
      }
      if ([...cores].some(isRepetitive)) {
        throw refusal(
          'This has a few characters again and again, so it is among the first to be tried.',
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
