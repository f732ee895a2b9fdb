import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { inject } from 'vitest';

import { Api } from '../../../scripts/lib/api.ts';
import { createDatabase } from '../../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { generate, npm } from '../../../scripts/lib/generate.ts';
import { whileLocked } from '../../../scripts/lib/lock.js';
import { freePort } from '../../../scripts/lib/port.ts';
import { production } from '../../../scripts/lib/production.ts';
import { Program } from '../../../scripts/lib/program.ts';
import { root } from '../../../scripts/lib/root.ts';
import type { NamedChoice } from './choices.ts';

/** A generated project in its own folder. */
export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Runs a script of its package.json to its end. Takes every exit code. */
  async run(script: string, settings: Record<string, string> = {}) {
    const env = cleanEnvironment(settings);
    return npm(this.folder, ['run', script], { env, reject: false });
  }

  /** Runs the built command in the project. @throws Error with its output when it failed */
  async shipkit(...args: string[]): Promise<string> {
    const command = join(root, 'bin', 'shipkit.js');
    const { all } = await execa(process.execPath, [command, ...args, '--no-install'], {
      cwd: this.folder,
      env: cleanEnvironment(),
      extendEnv: false,
      all: true,
    });
    return all;
  }

  /** What the service needs to run in production on a database, and on this run's Redis. */
  async settings(databaseUrl: string): Promise<Record<string, string>> {
    const port = await freePort();
    return {
      ...production,
      PORT: String(port),
      APP_ORIGIN: `http://127.0.0.1:${port}`,
      DATABASE_URL: databaseUrl,
      REDIS_URL: inject('redisUrl'),
      REDIS_PREFIX: `test-${randomBytes(6).toString('hex')}`,
    };
  }
}

/** The servers that a project's own tests are run on. */
export function testServers(): Record<string, string> {
  return { TEST_DATABASE_URL: inject('serverUrl'), TEST_REDIS_URL: inject('redisUrl') };
}

/** Generates a project with the built command, and installs its packages. */
export async function makeProject(choice: NamedChoice): Promise<Project> {
  const folder = join(mkdtempSync(join(inject('workshop'), 'project-')), choice.name);
  await generate(folder, choice);
  if (choice.packageManager === 'pnpm') await installByPnpm(folder);
  else await installByNpm(folder);
  return new Project(folder);
}

/** Makes a project of a config file by the built command, which installs its packages too. */
export async function makeFromConfig(config: object): Promise<Project> {
  const workshop = mkdtempSync(join(inject('workshop'), 'config-'));
  const file = join(workshop, 'answers.json');
  writeFileSync(file, JSON.stringify(config));
  const command = [join(root, 'bin', 'create-shipkit.js'), 'app', '--config', file, '--yes'];
  const options = { cwd: workshop, env: cleanEnvironment(), extendEnv: false };
  await execa(process.execPath, command, options);
  return new Project(join(workshop, 'app'));
}

/**
 * Projects with the same lockfile have the same packages: npm installs them once, and the others
 * get the same files by hard links, where the system has a command for that.
 */
async function installByNpm(folder: string): Promise<void> {
  const lock = createHash('sha256').update(readFileSync(join(folder, 'package-lock.json')));
  const store = join(inject('workshop'), `modules-${lock.digest('hex').slice(0, 16)}`);
  await whileLocked(store, async () => {
    const modules = join(folder, 'node_modules');
    if (existsSync(store)) {
      await link(store, modules);
      return;
    }
    await npm(folder, ['ci', '--prefer-offline', '--no-audit', '--no-fund']);
    if (process.platform !== 'linux') return;
    await link(modules, `${store}.new`);
    renameSync(`${store}.new`, store);
  });
}

async function link(from: string, to: string): Promise<void> {
  await execa('cp', ['-al', from, to]);
}

async function installByPnpm(folder: string): Promise<void> {
  const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
  for (const args of [['import'], ['install', '--frozen-lockfile', '--prefer-offline']]) {
    await execa(process.execPath, [pnpm, ...args], {
      cwd: folder,
      env: cleanEnvironment({ CI: 'true' }),
      extendEnv: false,
    });
  }
}

/** A running service, and how to talk to it. */
export interface Running {
  program: Program;
  api: Api;
}

/** Makes an empty database on a server, for as long as this run lasts. @returns its URL */
export function emptyDatabase(serverUrl: string): Promise<string> {
  return createDatabase(serverUrl, inject('run'));
}

/** Makes what a first start needs: a keyring, a migrated database. @returns the settings */
export async function prepare(project: Project, serverUrl: string) {
  const settings = await project.settings(await emptyDatabase(serverUrl));
  await execa(process.execPath, ['src/commands/keys.ts', 'init'], {
    cwd: project.folder,
    env: cleanEnvironment(settings),
    extendEnv: false,
  });
  const migrated = await project.run('db:migrate', settings);
  if (migrated.exitCode !== 0) throw new Error(`db:migrate failed:\n${migrated.all}`);
  return settings;
}

/** Starts `node src/main.ts` and waits until it listens. */
export async function boot(project: Project, settings: Record<string, string>): Promise<Running> {
  const program = new Program(process.execPath, ['src/main.ts'], {
    cwd: project.folder,
    env: cleanEnvironment(settings),
  });
  await program.until(/"listening"/);
  return { program, api: new Api(settings['APP_ORIGIN'] ?? '') };
}
