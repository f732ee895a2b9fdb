import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** What the project's .env says, where it says it. */
export function setIn(folder: string, name: string): string | undefined {
  const file = path.join(folder, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8'))[name] : undefined;
}

/** The line of .env that sets a variable; undefined where the environment itself does. */
export function lineIn(folder: string, name: string): number | undefined {
  const file = path.join(folder, '.env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const at = lines.findLastIndex((line) =>
    new RegExp(String.raw`^\s*(?:export\s+)?${name}\s*=`).test(line),
  );
  return at === -1 ? undefined : at + 1;
}
