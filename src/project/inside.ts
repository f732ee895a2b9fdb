import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { precondition, type Problem } from '../problem.ts';
import { codeOf, fsProblem, ifThere } from './fs-problem.ts';

/**
 * Where a file of a project really lies: links are followed, and may not lead out of the project.
 * The file may be missing, and so may the folders that it lies in.
 *
 * @param file relative to the project, with forward slashes
 * @throws Problem (exit code 3) when it leads out, is no file, or its place cannot be written to
 */
export function placeInside(folder: string, file: string): string {
  if (!isPlain(file)) throw leadsOut(file);
  const root = realpathSync(folder);
  const missing = file.split('/');
  let there = root;
  for (let [next] = missing; next !== undefined; [next] = missing) {
    if (!isThere(path.join(there, next))) break;
    there = path.join(there, next);
    missing.shift();
  }
  const place = followed(there, file);
  if (place !== root && !place.startsWith(root + path.sep)) throw leadsOut(file);
  const stats = statSync(place);
  if (missing.length > 0 && !stats.isDirectory()) {
    throw precondition(`${file} cannot be written, because ${place} is not a folder.`, 'no-folder');
  }
  if (missing.length === 0 && !stats.isFile()) {
    throw precondition(`${file} cannot be written, because it is not a file.`, 'not-a-file');
  }
  refuseLocked(missing.length > 0 ? place : path.dirname(place), root);
  return path.join(place, ...missing);
}

/** Relative, with forward slashes and nothing that goes up, on any system. */
function isPlain(file: string): boolean {
  return path.posix.normalize(file) === file && !/^(\.\.?(\/|$)|\/|[a-z]:)|[\\\0]|\/$/i.test(file);
}

function leadsOut(file: string): Problem {
  return precondition(
    `${file} leads out of the project, where nothing is written: a link on the way to it has to go.`,
    'leads-out',
  );
}

function isThere(place: string): boolean {
  return ifThere(place, () => lstatSync(place), ['ENOENT', 'ENOTDIR']) !== undefined;
}

function followed(place: string, file: string): string {
  try {
    return realpathSync(place);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw fsProblem(error, place) ?? error;
    throw precondition(`${file} is a link to nothing: remove it or mend it.`, 'broken-link');
  }
}

/** A rename is what a file is written with: it needs its folder, on the disk of the project. */
function refuseLocked(folder: string, root: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fsProblem(error, folder) ?? error;
  }
  if (statSync(folder).dev === statSync(root).dev) return;
  throw precondition(
    `${folder} lies on another disk than the project, so that nothing can be moved there in one step: unmount it first.`,
    'other-disk',
  );
}
