// The keyring in a file that only the service's user may read.
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { formatRing, KeyringError, newRing, parseRing, type Ring } from './ring.ts';
import type { KeyStore, StoredRing } from './store.ts';

export function fileStore(path: string): KeyStore {
  const read = async (): Promise<StoredRing> => {
    const text = await readPrivateFile(path);
    return {
      ring: parseRing(path, text),
      revision: createHash('sha256').update(text).digest('base64url'),
    };
  };

  return {
    place: path,
    read,
    create: (ring) => createFile(path, formatRing(ring)),
    replace: (revision, ring, record) =>
      withFileLock(`${path}.lock`, async () => {
        if ((await read()).revision !== revision) return false;
        await record();
        await replaceFile(path, formatRing(ring));
        return true;
      }),
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
