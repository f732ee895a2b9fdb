import { chmod, chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { createPrivateFile } from '#app/platform/private-file.ts';
import { KeyringError } from './ring.ts';

/** Milliseconds after which a lock that others hold is given up on. */
const patience = 10_000;

// Result codes of SQLite.
const busy = 5;
const readOnly = 8;
const cannotOpen = 14;

/**
 * Does something while no other process on this machine does the same.
 *
 * Node.js has no file locks but those of its SQLite, which are the system's own: they end with their
 * process, however that ends, so nobody has to break the lock of one that was killed. The file stays
 * empty.
 *
 * @throws KeyringError where others hold the lock for 10 seconds, or this user may not take it
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquire(file);
  try {
    await giveAway(file);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(file: string): Promise<{ close(): void }> {
  // Loaded by those alone who lock: the service itself only reads.
  const { DatabaseSync } = await import('node:sqlite');
  await makePrivate(file);
  const deadline = performance.now() + patience;
  for (;;) {
    const lock = open(DatabaseSync, file);
    if (lock !== undefined) return lock;
    if (performance.now() > deadline) {
      throw new KeyringError(`Another command has had ${file} locked for 10 seconds: try again.`);
    }
    await wait(20);
  }
}

/**
 * Who may read the file can hold the lock. It is never opened here: closing it would drop the locks
 * that other work of this process has on it.
 */
async function makePrivate(file: string): Promise<void> {
  try {
    const { mode } = await stat(file).catch(() => ({ mode: undefined }));
    if (mode === undefined) await createPrivateFile(file, '');
    else if ((mode & 0o077) !== 0) await chmod(file, 0o600);
  } catch (error) {
    throw notWritable(file, error);
  }
}

/** @returns nothing where somebody else holds the lock */
function open(Database: typeof DatabaseSync, file: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new Database(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
    if (code === busy) return undefined;
    if (code !== cannotOpen && code !== readOnly) throw error;
    throw notWritable(file, error);
  }
}

function notWritable(file: string, cause: unknown): KeyringError {
  return new KeyringError(
    `${file} cannot be written: run this as the user whom its folder belongs to, or as root.`,
    { cause },
  );
}

/** Made by root, the file must be open to whoever the folder belongs to. */
async function giveAway(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(file));
  await chown(file, uid, gid);
}
