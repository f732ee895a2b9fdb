import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { run } from '../../project/run.ts';
import { jsonObject } from '../../project/drizzle-files.ts';
import { gitOutput, repositoryOf } from '../../project/undo.ts';
import { isObject } from '../../render/json.ts';
import type { Check, Finding } from './finding.ts';
import { editing } from './mends.ts';

const usualKeyring = 'secrets/jwt-keys.json';
const usualSealingKey = 'secrets/sealing-key';
/** RFC 7518, section 3.2: a key for HS256 has at least as many bits as the hash. */
const secretBytes = 32;
const placeholder =
  /^$|change.?me|example|placeholder|secret|password|your[-_]|xxx|todo|12345|^(root|admin|test)$/i;

/**
 * Whether the settings that are made can be read. What only production needs is told, and stands in
 * the way where the project is set to production.
 */
export const settings: Check = async ({ folder, signal, run: runner }) => {
  if (!existsSync(path.join(folder, 'node_modules', 'zod'))) return [];
  const program = `
    import { readSettings } from '#app/settings.ts';
    import { loadDotEnv } from '#app/environment.ts';
    try {
      loadDotEnv();
      readSettings(process.env);
    } catch (error) {
      if (error?.name !== 'SettingsError') throw error;
      process.stdout.write(error.message);
    }`;
  const result = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    signal,
  });
  if (!result.ok) {
    const reason = result.all.split('\n').find((line) => /error/i.test(line)) ?? '';
    const message = `The settings cannot be read (${reason.trim()}).`;
    const mend = `${runner} typecheck`;
    return [{ check: 'settings', severity: 'error', message, mend, files: ['src/settings.ts'] }];
  }
  const problems = result.stdout.split('\n').flatMap((line) => {
    const [, variable, problem] = /^ {2}(\w+): (.*)$/.exec(line) ?? [];
    return variable === undefined ? [] : [{ variable, problem: problem ?? '' }];
  });
  const severity = setIn(folder, 'NODE_ENV') === 'production' ? 'error' : 'info';
  return problems.map(({ variable, problem }): Finding => {
    if (problem === 'is not set') {
      const message = `${variable} is not set; npm run dev does without, production does not.`;
      return { check: 'settings', severity, message, mend: `echo "${variable}=…" >> .env` };
    }
    const message = `${variable} cannot be used: ${problem}`;
    const line = lineIn(folder, variable);
    const mend = line === undefined ? `unset ${variable}` : editing('.env', line);
    return { check: 'settings', severity: 'error', message, mend, files: ['.env'] };
  });
};

/** What the project's .env says, where it says it. */
function setIn(folder: string, name: string): string | undefined {
  const file = path.join(folder, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8'))[name] : undefined;
}

/** The line of .env that sets a variable; undefined where the environment itself does. */
function lineIn(folder: string, name: string): number | undefined {
  const file = path.join(folder, '.env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const at = lines.findLastIndex((line) =>
    new RegExp(String.raw`^\s*(?:export\s+)?${name}\s*=`).test(line),
  );
  return at === -1 ? undefined : at + 1;
}

/** Whether secrets are long enough, made up by nobody, and seen by nobody else. */
export const secrets: Check = async (patient) => [
  ...keyring(patient.folder, patient.run),
  ...environment(patient.folder),
  ...readable(patient.folder),
  ...(await committed(patient.folder, patient.signal)),
];

function keyringOf(folder: string): string {
  return setIn(folder, 'JWT_KEYS_FILE') || usualKeyring;
}

function keyring(folder: string, run_: string): Finding[] {
  const keyringPath = keyringOf(folder);
  const file = path.resolve(folder, keyringPath);
  const init = `${run_} keys ${run_ === 'npm run' ? '-- ' : ''}init`;
  if (!existsSync(file)) {
    if (setIn(folder, 'NODE_ENV') !== 'production') return [];
    return unsafe(`There is no keyring at ${keyringPath}, and production makes none.`, init);
  }
  const ring = jsonObject(readFileSync(file, 'utf8'));
  const bad = (message: string) => unsafe(message, `rm ${keyringPath} && ${init}`);
  if (ring === undefined || !isObject(ring['primary'])) {
    return bad(`${keyringPath} is not a keyring.`);
  }
  const weak = ['next', 'primary', 'fallback'].filter((slot) => {
    const key = ring[slot];
    if (!isObject(key)) return false;
    const { secret } = key;
    const bytes = Buffer.from(typeof secret === 'string' ? secret : '', 'base64url');
    return bytes.length < secretBytes || new Set(bytes).size < 8;
  });
  if (weak.length === 0) return [];
  return bad(
    `The key ${weak.join(' and ')} in ${keyringPath} is too weak: 32 random bytes are needed.`,
  );
}

function unsafe(message: string, command: string): Finding[] {
  return [{ check: 'secrets', severity: 'error', message, mend: command }];
}

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
  const sealingKey = setIn(folder, 'SEALING_KEY_FILE') || usualSealingKey;
  return ['.env', keyringOf(folder), sealingKey].flatMap((file) => {
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
