import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { codeOf } from './fs-problem.ts';

/** What changes the disk, a step at a time: each is there wholly or not at all, but for `write`. */
export interface DurableFiles {
  /** Writes a new file; its bytes are on the disk when this returns. */
  readonly write: (file: string, content: Uint8Array, permissions: Permissions) => void;
  /** Gives a file another name, in the place of whatever has that name. */
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Removes a file; nothing when there is none. */
  readonly remove: (file: string) => void;
  /** Makes a folder and those that it lies in; nothing when it is there. */
  readonly makeFolder: (folder: string) => void;
  /** Makes a folder; false when it is there. */
  readonly claimFolder: (folder: string) => boolean;
  /** Removes a folder with all that is in it; nothing when there is none. */
  readonly removeFolder: (folder: string) => void;
  /** Removes a folder that is empty; false when it is not. */
  readonly removeEmpty: (folder: string) => boolean;
  /** What changed in the folder (names, not contents) is on the disk when this returns. */
  readonly syncFolder: (folder: string) => void;
}

export interface Permissions {
  readonly mode: number;
  /** Whether the mode is set as it is, whatever the umask. */
  readonly exact: boolean;
}

export const durableFiles: DurableFiles = {
  write,
  rename: process.platform === 'win32' ? renameWhenFree : rename,
  remove,
  makeFolder,
  claimFolder,
  removeFolder,
  removeEmpty,
  syncFolder: process.platform === 'win32' ? () => undefined : syncFolder,
};

const patience = 2000;

function write(file: string, content: Uint8Array, { mode, exact }: Permissions): void {
  const descriptor = openSync(file, 'wx', mode);
  try {
    writeFileSync(descriptor, content);
    if (exact) fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function rename(from: string, to: string): Promise<void> {
  renameSync(from, to);
  return Promise.resolve();
}

/**
 * Renames on Windows, which refuses while somebody has the file open, or one in the folder; virus
 * scanners do for a moment.
 *
 * @param wait the milliseconds after which it is given up
 * @throws the error of the last attempt
 */
export async function renameWhenFree(from: string, to: string, wait = patience): Promise<void> {
  const deadline = performance.now() + wait;
  for (;;) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const held = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '');
      if (!held || performance.now() > deadline) throw error;
    }
    await after(20);
  }
}

function remove(file: string): void {
  rmSync(file, { force: true });
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
}

function claimFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return true;
    if (['ENOTEMPTY', 'EEXIST'].includes(code ?? '')) return false;
    throw error;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some network disks cannot; there is nothing else that could be done.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    closeSync(descriptor);
  }
}
