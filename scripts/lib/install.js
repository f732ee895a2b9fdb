// Installs what a lockfile says, once. The packages are put together in a folder of their own and
// moved into place when they are complete: an interrupted install leaves nothing behind that looks
// like one, and two runs at the same time cannot mix.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { whileLocked } from './lock.js';
import { npmCommand } from './npm.js';
import { Stop, say } from './say.js';

/**
 * @typedef {object} Installation
 * @property {string} folder where package.json and package-lock.json are
 * @property {string} what it brings, in words
 * @property {string} node the Node.js that runs npm
 * @property {NodeJS.ProcessEnv} environment
 */

/**
 * Makes `node_modules` in a folder what its lockfile says, unless it already is.
 *
 * @param {string} root the repository, whose `.cache/` holds the unfinished work
 * @param {Installation} installation
 * @throws {Stop} if npm failed
 */
export async function installOnce(root, installation) {
  if (isCurrent(installation.folder)) return;
  const work = async () => {
    if (isCurrent(installation.folder)) return;
    await install(join(root, '.cache', 'install'), installation);
  };
  const waiting = `Another run is installing ${installation.what}; waiting for it …`;
  await whileLocked(`install ${installation.folder}`, work, waiting);
}

/** @param {string} folder */
function isCurrent(folder) {
  const stamp = stampFile(join(folder, 'node_modules'));
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp(folder);
}

/** The lockfile and the platform decide what is installed. @param {string} folder */
function wantedStamp(folder) {
  const lock = createHash('sha256').update(readFileSync(join(folder, 'package-lock.json')));
  return `${process.platform}-${process.arch} ${lock.digest('hex')}\n`;
}

/** @param {string} modules */
function stampFile(modules) {
  return join(modules, '.installed');
}

/**
 * @param {string} workshop
 * @param {Installation} installation
 */
async function install(workshop, { folder, what, node, environment }) {
  const started = performance.now();
  say(`Installing ${what} …`);
  removeAbandoned(workshop);
  const stage = join(workshop, `${process.pid}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(folder, file), join(stage, file));
  }
  const stamp = wantedStamp(stage);
  await npmCi(stage, node, environment);
  const modules = join(stage, 'node_modules');
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampFile(modules), stamp);
  replace(modules, join(folder, 'node_modules'), join(stage, 'replaced'));
  rmSync(stage, { recursive: true, force: true });
  say(`Installed ${what} in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** What a run that was killed left behind. @param {string} workshop */
function removeAbandoned(workshop) {
  if (!existsSync(workshop)) return;
  for (const name of readdirSync(workshop)) {
    if (!isRunning(Number(name))) rmSync(join(workshop, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} stage
 * @param {string} node
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<void>}
 */
function npmCi(stage, node, environment) {
  // The includes: NODE_ENV=production would leave out what this repository is made of.
  const flags = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  const { command, args, shell } = npmCommand(node, ['ci', ...flags, '--loglevel=error']);
  const child = spawn(command, args, {
    cwd: stage,
    env: environment,
    shell,
    stdio: ['ignore', 2, 2],
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => {
      if (code === 0) return done();
      const how = signal === null ? `exit code ${code}` : signal;
      failed(new Stop(`npm ci failed (${how}); its reason stands above. Run the command again.`));
    });
  });
}

/**
 * @param {string} fresh
 * @param {string} target
 * @param {string} replaced where to put what stood there
 */
function replace(fresh, target, replaced) {
  if (existsSync(target)) renameSync(target, replaced);
  renameSync(fresh, target);
}
