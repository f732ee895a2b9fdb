import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../../project/run.ts';
import { lineIn, setIn } from './dotenv.ts';
import type { Check, Finding } from './finding.ts';
import { editing } from './mends.ts';

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
