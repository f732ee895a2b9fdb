import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { weakPassword } from '../errors.ts';

const list = join(import.meta.dirname, 'weak-passwords.txt');

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
  const lines = (await readFile(list, 'utf8')).split('\n');
  const common = new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));

  return {
    check(password, email) {
      const plain = password.normalize('NFKC').toLowerCase();
      if (common.has(plain)) {
        throw refusal('Many people use this password, so it is among the first to be tried.');
      }
      if (plain === email || plain === email.split('@')[0]) {
        throw refusal('This is your own address, which others know as well.');
      }
    },
  };
}

function refusal(detail: string) {
  return weakPassword({ detail, errors: [{ pointer: '#/password', detail }] });
}
