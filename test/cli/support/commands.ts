import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from 'vitest';
import { builtPackage } from './built.ts';
import { cli, type Ran, type RunOptions, workFolder } from './cli.ts';

export const fields = ['--fields', 'name:string,email:email:unique'];
/** Commands that have something to do in a new project. */
export const commands: readonly (readonly [string, ...string[]])[] = [
  ['add', 'ci'],
  ['add-domain', 'customers', ...fields],
];

/** Runs the command of a project. */
export const shipkit = (
  args: readonly string[],
  cwd: string,
  options: Pick<RunOptions, 'env' | 'in' | 'input'> = {},
): Promise<Ran> => cli(args, { cwd, program: 'shipkit', ...options });

/** A project in a repository of its own, where nothing is installed. */
export async function project(...options: string[]): Promise<string> {
  const folder = join(workFolder(), 'shop');
  const made = await madeOnce(options);
  cpSync(made, folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return folder;
}

/** The built program makes each project once; tests work on copies, which take a fifth of the time. */
async function madeOnce(options: readonly string[]): Promise<string> {
  const name = ['project', ...options].join('').replaceAll(/[^a-z]+/g, '-');
  const made = join(`${builtPackage()}.projects`, name);
  if (existsSync(made)) return made;
  const cwd = workFolder();
  const { exitCode, stderr } = await cli(['shop', '--yes', '--no-install', ...options], { cwd });
  expect(exitCode, stderr).toBe(0);
  const fresh = `${made}.${process.pid}`;
  cpSync(join(cwd, 'shop'), fresh, { recursive: true, preserveTimestamps: true });
  // Another test file may have been quicker.
  if (existsSync(made)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, made);
  return made;
}
