// This project as its development commands see it: its folder, its environment, its database.
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { databaseService } from './local/database.ts';
import { readIfThere } from './local/files.ts';
import { find, use } from './local/service.ts';
import type { Service, Use } from './local/service.ts';

export const projectFolder = join(import.meta.dirname, '..');

/** The environment with what `.env` adds to it; variables that are set already win. */
export function readEnvironment(): NodeJS.ProcessEnv {
  const text = readIfThere(join(projectFolder, '.env'));
  return { ...(text === undefined ? {} : parseEnv(text)), ...process.env };
}

/** The private database of this project. */
export const privateDatabase = (): Service => databaseService(projectFolder);

/**
 * Opens the database that a command works on: the one that the variable names, else the private
 * one, which is started where it does not run and stopped when its last user leaves.
 *
 * @param signal gives up a start
 */
export async function openDatabase(
  variable: 'DATABASE_URL' | 'TEST_DATABASE_URL',
  signal?: AbortSignal,
): Promise<Use> {
  const url = readEnvironment()[variable];
  if (url) return { url, leave: () => Promise.resolve() };
  return use(privateDatabase(), { command: commandName(), signal });
}

/** The URL of the private database, where it runs. */
export const runningDatabase = (): Promise<string | undefined> => find(privateDatabase());

/** What a person typed to get here: package managers tell it to the scripts that they run. */
function commandName(): string {
  const script = process.env['npm_lifecycle_event'];
  return script ? `npm run ${script}` : process.argv.slice(1).join(' ');
}
