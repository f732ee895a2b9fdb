// Packages that a test alone uses, unpacked under `.cache/`: they are no dependencies of the repository.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { whileLocked } from './lock.js';
import { npmCommand, npmEnvironment } from './npm.js';
import { root } from './root.ts';

/**
 * A `node_modules` folder with these packages; fetched once.
 *
 * @param names with exact versions, as in `yaml@2.8.1`
 */
export async function npmTools(...names: string[]): Promise<string> {
  const parent = join(root, '.cache', 'npm-tools');
  const folder = join(parent, names.join('+').replaceAll('/', '-'));
  mkdirSync(parent, { recursive: true });
  await whileLocked(folder, async () => {
    if (existsSync(folder)) return;
    const making = `${folder}.making`;
    mkdirSync(making, { recursive: true });
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', making];
    const { command, args } = npmCommand(process.execPath, ['install', ...flags, ...names]);
    await execa(command, args, { cwd: making, env: npmEnvironment(root, process.env) });
    renameSync(making, folder);
  });
  return join(folder, 'node_modules');
}
