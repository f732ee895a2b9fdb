import { existsSync, readdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';

export interface Changes {
  /** Waits for changes; gives the paths, relative to the project, or undefined once closed. */
  next: () => Promise<string[] | undefined>;
  close: () => void;
}

/** Milliseconds without a change after which a save, or a checkout of many files, is over. */
const quiet = 100;

/**
 * Watches folders with all that is in them, and single files beside them.
 *
 * @param root the project's folder
 */
export function watchFiles(root: string, folders: string[], files: string[]): Changes {
  const changed = new Set<string>();
  let waiting = Promise.withResolvers<void>();
  let closed = false;
  let watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;

  const note = (path: string): void => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      watchAll();
      waiting.resolve();
    }, quiet);
  };
  const watchFolder = (folder: string, wanted: (name: string) => boolean): FSWatcher =>
    watch(join(root, folder), (_event, name) => {
      if (name && wanted(name)) note(join(folder, name));
    }).on('error', () => note(folder)); // it has been removed
  // Folder by folder, and again after each change: where the system does not watch a whole tree,
  // Node.js watches its files one by one, and loses each that is saved by renaming a new one to it.
  const watchAll = (): void => {
    const last = watchers;
    const trees = folders.flatMap((folder) => foldersIn(root, folder));
    watchers = trees.map((folder) => watchFolder(folder, (name) => !isTemporary(name)));
    watchers.push(watchFolder('', (name) => files.includes(name)));
    for (const watcher of last) watcher.close();
  };

  watchAll();
  return {
    next: async () => {
      await waiting.promise;
      if (closed) return undefined;
      waiting = Promise.withResolvers();
      const paths = [...changed];
      changed.clear();
      return paths;
    },
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      closed = true;
      waiting.resolve();
    },
  };
}

/** The folder and all below it. */
function foldersIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => foldersIn(root, join(folder, name)))];
}

/** What editors write beside a file while they save it. */
const isTemporary = (name: string): boolean => /^\.|~$|\.(?:tmp|swp)$/.test(name);
