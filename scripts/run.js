// The first command in a fresh clone: brings the Node.js and the packages that this repository needs,
// then runs a script with them. Plain JavaScript, because it starts on whatever Node the machine has.
//
//   node scripts/run.js <script> [arguments]      (the script's path is relative to the repository)

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { installOnce } from './lib/install.js';
import { npmEnvironment } from './lib/npm.js';
import { bundledNode, isOldNode } from './lib/runtime.js';
import { Stop, say } from './lib/say.js';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}

/** @param {string[]} args the script and its arguments */
async function main([script, ...args]) {
  if (script === undefined) throw new Stop('Usage: node scripts/run.js <script> [arguments]', 2);
  const environment = npmEnvironment(root, process.env);
  const node = isOldNode(process.versions.node)
    ? await bundledNode(root, environment)
    : process.execPath;
  const path = [dirname(node), join(root, 'node_modules', '.bin'), pathOf(environment)];
  const withNode = { ...environment, PATH: path.join(delimiter) };
  await installOnce(root, {
    folder: root,
    what: 'the packages of this repository',
    node,
    environment: withNode,
  });
  await become(node, [resolve(root, script), ...args], withNode);
}

/** Windows spells the variable `Path`; a copy of the environment no longer hides that. */
function pathOf(/** @type {NodeJS.ProcessEnv} */ environment) {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH');
  return name === undefined ? '' : environment[name];
}

/**
 * Runs a program in this one's place: its streams, its signals, its exit code.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<void>}
 */
function become(command, args, environment) {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; passing it on would make it two.
  const passed = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGINT'];
  for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => passed.includes(signal) && child.kill(signal));
  }
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
      done();
    });
  });
}
