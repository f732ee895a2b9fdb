import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { precondition } from '../problem.ts';
import { codeOf, fsProblem, ifThere } from './fs-problem.ts';

/** The folder that a project goes to. */
export interface Target {
  readonly folder: string;
  /** The folder that it lies in. */
  readonly parent: string;
  readonly name: string;
}

/**
 * Where `folder`, as the user gave it, leads to.
 *
 * @throws Problem (exit code 3) unless the place is free: nothing is there, or an empty folder
 */
export function freeTarget(folder: string, cwd: string): Target {
  const full = path.resolve(cwd, folder);
  const target = { folder: full, parent: path.dirname(full), name: path.basename(full) };
  if (isSame(full, cwd)) {
    throw precondition(
      'The current folder cannot be made the project: go up one folder and name it there.',
      'folder-is-current',
    );
  }
  refuseTaken(full);
  return target;
}

/** @throws Problem (exit code 3) when something is there that a project would overwrite */
export function refuseTaken(folder: string): void {
  const there = ifThere(folder, () => lstatSync(folder));
  if (there === undefined) return;
  if (there.isSymbolicLink()) {
    throw precondition(
      `${folder} is a symbolic link: name the folder that it leads to.`,
      'folder-is-link',
    );
  }
  if (!there.isDirectory()) {
    throw precondition(`${folder} is a file: choose another name.`, 'folder-is-file');
  }
  if (entriesOf(folder).length > 0) {
    throw precondition(
      `${folder} is not empty, and nothing is ever overwritten: choose another name.`,
      'folder-not-empty',
    );
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fsProblem(error, folder) ?? error;
  }
}

function isSame(folder: string, cwd: string): boolean {
  if (folder === path.resolve(cwd)) return true;
  try {
    return realpathSync(folder) === realpathSync(cwd);
  } catch (error) {
    if (fsProblem(error, folder) !== undefined || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
