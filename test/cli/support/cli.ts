import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, onTestFinished } from 'vitest';
import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { builtPackage } from './built.ts';

export interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly program?: 'create-shipkit' | 'shipkit';
  readonly input?: string;
  readonly env?: Record<string, string>;
  /** The folder of another package than the one that is built from here. */
  readonly in?: string;
  /** Node and its options, or what starts it. */
  readonly node?: readonly string[];
}

/** What a child runs with: nothing that somebody set up in a home folder. */
export function strangersEnvironment(home: string, env: Record<string, string> = {}) {
  return { ...cleanEnvironment(), HOME: home, XDG_CONFIG_HOME: home, NO_COLOR: '1', ...env };
}

/** Runs the built program to its end, without a terminal. */
export async function cli(args: readonly string[], options: RunOptions): Promise<Ran> {
  const { exitCode, stdout, stderr } = await startCli(args, options, temporaryFolder('home'));
  return { exitCode, stdout, stderr };
}

/** Starts the built program, for a test that ends it. */
export function startCli(args: readonly string[], options: RunOptions, home = options.cwd) {
  const { cwd, program = 'create-shipkit', input, env, node = [process.execPath] } = options;
  const [command = '', ...before] = node;
  const script = join(options.in ?? builtPackage(), 'bin', `${program}.js`);
  return execa(command, [...before, script, ...args], {
    cwd,
    env: strangersEnvironment(home, env),
    extendEnv: false,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
}

/** Waits until something of that name comes into a folder, or changes or goes there. */
export function changeIn(folder: string, isIt: (name: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (name === null || !isIt(name)) return;
      watcher.close();
      resolve();
    });
  });
}

/** A folder for this test alone, under its real path; gone when the test is over. */
export function temporaryFolder(purpose: string): string {
  return folderUntil(onTestFinished, purpose);
}

/** A folder for all tests of a file; gone when they are over. */
export function lastingFolder(purpose: string): string {
  return folderUntil(afterAll, purpose);
}

function folderUntil(end: (remove: () => void) => void, purpose: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `shipkit-${purpose}-`)));
  end(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A folder inside a temporary one, so that its parent can be looked at too. */
export function workFolder(): string {
  const folder = join(temporaryFolder('work'), 'here');
  mkdirSync(folder);
  return folder;
}

/** Every path below a folder, folders with a slash, in order. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
      return entry.isDirectory() ? `${path}/` : path;
    })
    .toSorted();
}
