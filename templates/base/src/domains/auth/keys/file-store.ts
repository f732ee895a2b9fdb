// The keyring in a file that only the service's user may read.
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import {
  createPrivateFile,
  readPrivateFile,
  removeDrafts,
  writePrivateFile,
} from '#app/platform/private-file.ts';
import { withFileLock } from './file-lock.ts';
import { formatRing, KeyringError, newRing, parseRing } from './ring.ts';
import type { KeyStore, StoredRing } from './store.ts';

export function fileStore(path: string): KeyStore {
  return {
    place: path,
    read: () => readFileOf(path),
    async create(ring, record) {
      const made = await createPrivateFile(path, formatRing(ring));
      if (made) await record?.();
      return made;
    },
    async replace(revision, ring, record) {
      // Where the path is a link, what it leads to is locked and replaced, and not the link.
      const real = await realpath(path);
      return withFileLock(`${real}.lock`, async () => {
        // Whoever was killed here has left its draft, with keys that may sign by now.
        await removeDrafts(real);
        if ((await readFileOf(real)).revision !== revision) return false;
        await record();
        await writePrivateFile(real, formatRing(ring));
        return true;
      });
    },
  };
}

/**
 * Makes a keyring file with one fresh key, readable by its owner alone.
 *
 * @returns false where there is one already; it is left as it is
 */
export function createKeyringFile(path: string): Promise<boolean> {
  return fileStore(path).create(newRing(new Date()));
}

async function readFileOf(path: string): Promise<StoredRing> {
  const stored = await readKeyringFile(path);
  if (stored !== undefined) return stored;
  throw new KeyringError(`There is no keyring at ${path}. Make one: npm run keys -- init`);
}

/**
 * Reads a keyring file.
 *
 * @returns nothing where there is none
 * @throws KeyringError where it is damaged
 */
export async function readKeyringFile(path: string): Promise<StoredRing | undefined> {
  const text = await readPrivateFile(path);
  if (text === undefined) return undefined;
  const revision = createHash('sha256').update(text).digest('base64url');
  return { ring: parseRing(path, text), revision };
}
