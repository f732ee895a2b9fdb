import { join } from 'node:path';
import { expect } from 'vitest';
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
  options: Pick<RunOptions, 'env' | 'in'> = {},
): Promise<Ran> => cli(args, { cwd, program: 'shipkit', ...options });

/** A project in a repository of its own, where nothing is installed. */
export async function project(...options: string[]): Promise<string> {
  const cwd = workFolder();
  const made = await cli(['shop', '--yes', '--no-install', ...options], { cwd });
  expect(made.exitCode, made.stderr).toBe(0);
  return join(cwd, 'shop');
}
