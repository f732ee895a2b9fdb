// The keys of a project: that the service will find them, and that nobody can guess them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jsonObject } from '../../project/drizzle-files.ts';
import { isObject } from '../../render/json.ts';
import { setIn } from './dotenv.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { isStrong } from './strong-secret.ts';

/** Where a project keeps the keys that sign, as its .env says. */
export function keyringOf(folder: string): string {
  return setIn(folder, 'JWT_KEYS_FILE') || 'secrets/jwt-keys.json';
}

/** Where a project keeps the key that seals, as its .env says. */
export function sealingKeyOf(folder: string): string {
  return setIn(folder, 'SEALING_KEY_FILE') || 'secrets/sealing-key';
}

/** Whether the keys are there where production needs them, and as strong as a machine draws them. */
export const keys: Check = (patient) => [...keyring(patient), ...sealingKey(patient)];

function keyring(patient: Patient): Finding[] {
  const { folder } = patient;
  if (setIn(folder, 'JWT_KEYS_STORE') === 'database') return [];
  const file = keyringOf(folder);
  const full = path.resolve(folder, file);
  if (!existsSync(full)) return missing(patient, 'keyring', file);
  const ring = jsonObject(readFileSync(full, 'utf8'));
  if (ring === undefined || !isObject(ring['primary'])) {
    return bad(patient, file, `${file} is not a keyring.`);
  }
  const weak = ['next', 'primary', 'fallback'].filter((slot) => {
    const key = ring[slot];
    return isObject(key) && !(typeof key['secret'] === 'string' && isStrong(key['secret']));
  });
  if (weak.length === 0) return [];
  const message = `The key ${weak.join(' and ')} in ${file} is too weak: 32 random bytes are needed.`;
  return bad(patient, file, message);
}

function sealingKey(patient: Patient): Finding[] {
  const { folder } = patient;
  if (setIn(folder, 'KEYRING_SECRET') !== undefined) return [];
  const file = sealingKeyOf(folder);
  const full = path.resolve(folder, file);
  if (!existsSync(full)) return missing(patient, 'sealing key', file);
  if (isStrong(readFileSync(full, 'utf8').trim())) return [];
  return bad(patient, file, `${file} is too weak: 32 random bytes are needed.`);
}

/** In development both are made when they are first needed. */
function missing({ folder, run }: Patient, what: string, file: string): Finding[] {
  if (setIn(folder, 'NODE_ENV') !== 'production') return [];
  return finding(`There is no ${what} at ${file}, and production makes none.`, init(run));
}

function bad({ run }: Patient, file: string, message: string): Finding[] {
  return finding(message, `rm ${file} && ${init(run)}`);
}

function finding(message: string, mend: string): Finding[] {
  return [{ check: 'secrets', severity: 'error', message, mend }];
}

function init(run: string): string {
  return `${run} keys ${run === 'npm run' ? '-- ' : ''}init`;
}
