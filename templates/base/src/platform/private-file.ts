// Files that only their owner may read: keys.
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A private file cannot be used. The message says why and what to do, and holds no secret. */
export class PrivateFileError extends Error {
  override readonly name = 'PrivateFileError';
}

/**
 * Reads a file that is for its owner alone.
 *
 * @returns nothing where there is no such file
 * @throws PrivateFileError where others may read it, or this process may not
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new PrivateFileError(
        `Other users of this machine can read ${path}. Run: chmod 600 ${path}`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (hasCode(error, 'EACCES')) {
      throw new PrivateFileError(
        `${path} belongs to another user, and this one may not read it. Run: chown <user> ${path}`,
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * Makes a file that is for its owner alone, and its folder.
 *
 * @returns false where there is one already; it is left as it is
 */
export async function createPrivateFile(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return withDraft(path, text, async (draft) => {
    try {
      // Unlike a rename, a link never replaces what another process has made meanwhile.
      await link(draft, path);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      // Who replaces the file meanwhile may have removed the draft as one that was left.
      if (hasCode(error, 'ENOENT') && (await isThere(path))) return false;
      throw error;
    }
  });
}

/**
 * Writes a file that is for its owner alone, as a whole: whoever reads meanwhile gets the old text
 * or the new one. Where it is there already it keeps its owner and mode, whoever runs this.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await withDraft(path, text, async (draft) => {
    await keepOwner(path, draft);
    await rename(draft, path);
  });
}

/**
 * Removes what those have left who were killed while they wrote a private file: it holds the same
 * secrets. Only for who keeps others from writing the file meanwhile.
 */
export async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  const drafts = (await readdir(folder)).filter(
    (name) => name.startsWith(start) && /^[\da-f]{12}\.new$/.test(name.slice(start.length)),
  );
  for (const draft of drafts) await rm(join(folder, draft), { force: true });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function withDraft<T>(
  path: string,
  text: string,
  use: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    await writeThrough(draft, text);
    const result = await use(draft);
    await flushFolder(dirname(path));
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this a power cut can undo the new name. Windows has no such thing for folders. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A service must still be able to read its key after root has replaced it. */
async function keepOwner(path: string, draft: string): Promise<void> {
  try {
    const { uid, gid, mode } = await stat(path);
    const now = await stat(draft);
    if (now.uid !== uid || now.gid !== gid) await chown(draft, uid, gid);
    await chmod(draft, mode & 0o700);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
