// Folders in which a change is made by the journal, each in its own, and files that can be watched.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type DurableFiles, durableFiles } from '../../../src/project/durable.ts';
import {
  changesFrom,
  everythingIn,
  type Texts,
  type Versions,
  versionsOf,
  writeTexts,
} from './change-set.ts';

export const versions = versionsOf(6);
export const changes = changesFrom(versions);
/** For all folders of a test file. */
export const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'shipkit-journal-')));
export const small = listingsOf(versions);

/** Removes the folders of a test file. */
export function tidy(): void {
  rmSync(temporary, { recursive: true });
}

/** A new folder with these files. */
export function folderOf(texts: Texts): string {
  const folder = mkdtempSync(join(temporary, 'folder-'));
  writeTexts(folder, texts);
  return folder;
}

/** What is in a project that is wholly old, or wholly new. */
export function listingsOf({ before, after: later }: Versions) {
  return { old: everythingIn(folderOf(before)), whole: everythingIn(folderOf(later)) };
}

/** Whether a project is wholly old, wholly new, or neither. */
export function versionIn(folder: string, listings = small): string {
  const everything = everythingIn(folder);
  if (isDeepStrictEqual(everything, listings.old)) return 'old';
  return isDeepStrictEqual(everything, listings.whole) ? 'new' : 'neither';
}

/** The real files, with something that happens before each step. */
export function eachStep(before: (name: string, args: readonly unknown[]) => void): DurableFiles {
  const entries = Object.entries(durableFiles) as [string, (...args: unknown[]) => unknown][];
  const wrapped = entries.map(([name, step]) => [
    name,
    (...args: unknown[]) => {
      before(name, args);
      return step(...args);
    },
  ]);
  return Object.fromEntries(wrapped) as DurableFiles;
}
