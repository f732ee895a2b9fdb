import { readFileSync, statSync } from 'node:fs';
import type { Disk } from '../merge/change.ts';
import { precondition } from '../problem.ts';
import { codeOf, fsProblem } from './fs-problem.ts';

/**
 * Reads the files of a project as they stand.
 *
 * @throws Problem (exit code 3) where a folder stands in the place of a file
 */
export function diskOf(folder: string): Disk {
  return (file) => {
    const full = `${folder}/${file}`;
    try {
      return { content: readFileSync(full), mode: statSync(full).mode & 0o777 };
    } catch (error) {
      switch (codeOf(error)) {
        case 'ENOENT':
        case 'ENOTDIR':
          return undefined;
        case 'EISDIR':
          throw precondition(
            `${file} is a folder, and a file of that name belongs there: rename the folder, then run this again.`,
            'folder-in-the-way',
          );
        default:
          throw fsProblem(error, full) ?? error;
      }
    }
  };
}

/** The same disk, of which each file stays as it was when it was first read. */
export function asFirstRead(disk: Disk): Disk {
  const files = new Map<string, ReturnType<Disk>>();
  return (file) => {
    if (!files.has(file)) files.set(file, disk(file));
    return files.get(file);
  };
}
