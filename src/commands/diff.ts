import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Change, ChangeKind, DiskFile } from '../merge/change.ts';
import { bytesOf, sameText, textFile } from '../merge/text.ts';
import { badInput } from '../problem.ts';
import { readBaseOf } from '../project/base.ts';
import { diskOf } from '../project/disk.ts';
import { findProject } from '../project/find.ts';
import { filesIn } from '../project/source-files.ts';
import { retiredPath, withoutOwnLines } from '../project/retired.ts';

export interface OwnerChanges {
  readonly folder: string;
  readonly changes: readonly Change[];
}

/**
 * What the owner changed since the project was generated: edited and deleted files, and new ones in
 * the folders that the generator writes to. Line endings do not count.
 *
 * @param only a file or a folder; everything without it
 * @throws Problem (exit code 3) when there is no project
 * @throws Problem (exit code 2) when there is and was nothing at the path
 */
export function ownerChanges(cwd: string, version: string, only?: string): OwnerChanges {
  const { folder, manifest } = findProject(cwd, version);
  const base = readBaseOf({ folder, manifest });
  const wanted = within(folder, path.resolve(cwd, only ?? folder));
  const disk = diskOf(folder);
  const isKnown = [...base.keys()].some(wanted) || existsSync(path.resolve(cwd, only ?? folder));
  if (!isKnown) throw badInput(`There is no ${only}, and none was generated.`, 'no-file');
  const given = [...base].flatMap(([file, { content, mode }]) => {
    if (!wanted(file)) return [];
    const [before, after] = [{ content: bytesOf(content), mode }, asWritten(file, disk(file))];
    if (after === undefined || !sameText(content, after.content)) {
      return [changeOf(file, before, after)];
    }
    return isProgram(mode) === isProgram(after.mode) ? [] : [changeOf(file, before, after)];
  });
  const own = ownFiles(folder, new Set(base.keys()))
    .filter((file) => wanted(file))
    .map((file) => changeOf(file, undefined, asWritten(file, disk(file))));
  return { folder, changes: [...given, ...own].toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

function changeOf(file: string, before: DiskFile | undefined, after: DiskFile | undefined): Change {
  return { path: file, kind: kindOf(before, after), reason: '', before, after };
}

function kindOf(before: DiskFile | undefined, after: DiskFile | undefined): ChangeKind {
  if (before === undefined) return 'create';
  if (after === undefined) return 'delete';
  return Buffer.compare(before.content, after.content) === 0 ? 'mode' : 'replace';
}

/** Whether a file can be run: all that git knows of its permissions, and Windows knows none. */
function isProgram(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o100) !== 0;
}

/** What the owner wrote, with the line endings of the base: one that differs in them alone is none. */
function asWritten(name: string, file: DiskFile | undefined): DiskFile | undefined {
  const text = file && textFile(file.content);
  return file && text ? { ...file, content: bytesOf(withoutOwnLines(name, text.text)) } : file;
}

function within(folder: string, wanted: string): (file: string) => boolean {
  const prefix = path.relative(folder, wanted).split(path.sep).join('/');
  if (prefix.startsWith('..')) {
    throw badInput(`${wanted} is not in the project ${folder}: name a file or a folder of it.`);
  }
  return (file) => prefix === '' || file === prefix || file.startsWith(`${prefix}/`);
}

/** Files that the generator does not know, in the folders that it writes to. */
function ownFiles(folder: string, known: ReadonlySet<string>): string[] {
  const tops = new Set(
    [...known].filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? ''),
  );
  return [...tops]
    .filter((top) => existsSync(path.join(folder, top)))
    .flatMap((top) => filesIn(folder, top))
    .filter((file) => !known.has(file) && file !== retiredPath);
}
