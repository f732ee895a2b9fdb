// How npm is called, so that it works with any npm on any system, and in any home folder.

import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

/**
 * The command that runs npm: its JavaScript by the given Node, where it can be found, because
 * Windows starts no `npm.cmd` without a shell.
 *
 * @param {string} node the Node.js to run it with
 * @param {string[]} args npm's arguments
 * @returns {{ command: string, args: string[], shell: boolean }} for `spawn`
 */
export function npmCommand(node, args) {
  const candidates = [
    process.env['npm_execpath'] ?? '',
    join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
    join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
  ];
  const script = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (script !== undefined) return { command: node, args: [script, ...args], shell: false };
  return { command: 'npm', args, shell: process.platform === 'win32' };
}

/**
 * The environment for npm: the system's certificates count (a distribution's Node.js trusts them,
 * the one that is fetched would not), and the cache moves into the clone where the home folder
 * takes none.
 *
 * @param {string} root the repository
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(root, environment) {
  const trusting = { NODE_USE_SYSTEM_CA: '1', ...environment };
  if (environment['npm_config_cache'] !== undefined) return trusting;
  const home = homeOf(environment);
  if (home !== undefined && takesCache(home)) return trusting;
  const local = join(root, '.cache');
  return { ...trusting, HOME: home ?? join(local, 'home'), npm_config_cache: join(local, 'npm') };
}

/** @param {NodeJS.ProcessEnv} environment */
function homeOf(environment) {
  try {
    return environment['HOME'] || homedir();
  } catch {
    // A user without an entry in the system's list of users has no home folder.
    return undefined;
  }
}

/** @param {string} home */
function takesCache(home) {
  const cache = join(home, '.npm');
  return isWritable(existsSync(cache) ? cache : home);
}

function isWritable(/** @type {string} */ path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
