import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { gitOutput, repositoryOf } from '../../project/undo.ts';
import { lineIn } from './dotenv.ts';
import type { Check, Finding } from './finding.ts';
import { keyringOf, sealingKeyOf } from './keys.ts';
import { editing } from './mends.ts';

const placeholder =
  /^$|change.?me|example|placeholder|secret|password|your[-_]|xxx|todo|12345|^(root|admin|test)$/i;

/** Whether secrets are made up by nobody, and seen by nobody else. */
export const secrets: Check = async (patient) => [
  ...environment(patient.folder),
  ...readable(patient.folder),
  ...(await committed(patient.folder, patient.signal)),
];

function environment(folder: string): Finding[] {
  const file = path.join(folder, '.env');
  if (!existsSync(file)) return [];
  return Object.entries(parseEnv(readFileSync(file, 'utf8'))).flatMap(([name, value = '']) => {
    const secret = secretIn(name, value);
    if (secret === undefined || !placeholder.test(secret)) return [];
    const message = `${name} in .env has a placeholder where a secret belongs.`;
    const mend = editing('.env', lineIn(folder, name));
    return [{ check: 'secrets', severity: 'error' as const, message, mend, files: ['.env'] }];
  });
}

/** The part of a setting that nobody else should know. */
function secretIn(name: string, value: string): string | undefined {
  if (URL.canParse(value)) {
    const { password, username } = new URL(value);
    return username === '' ? undefined : decodeURIComponent(password);
  }
  return /SECRET|PASSWORD|TOKEN|API_KEY/.test(name) ? value : undefined;
}

function readable(folder: string): Finding[] {
  if (process.platform === 'win32') return [];
  return ['.env', keyringOf(folder), sealingKeyOf(folder)].flatMap((file) => {
    const full = path.resolve(folder, file);
    if (!existsSync(full) || (statSync(full).mode & 0o077) === 0) return [];
    const message = `${file} can be read by other users of this machine.`;
    return [{ check: 'secrets', severity: 'warning' as const, message, mend: `chmod 600 ${file}` }];
  });
}

async function committed(folder: string, signal: AbortSignal): Promise<Finding[]> {
  if (repositoryOf(folder) === undefined) return [];
  const listed = await gitOutput(folder, signal, ['ls-files', '--', '.env', 'secrets']);
  return listed
    .split('\n')
    .filter((file) => file !== '')
    .map((file) => ({
      check: 'secrets',
      severity: 'error' as const,
      message: `${file} is in the git repository, for everybody who has it to read: make its secrets anew as well.`,
      mend: `git rm --cached ${file}`,
    }));
}
