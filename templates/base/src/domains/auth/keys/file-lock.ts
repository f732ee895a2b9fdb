import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds after which a lock that others hold is given up on. */
const patience = 10_000;

const busy = 5; // SQLITE_BUSY

/**
 * Does something while no other process on this machine does the same.
 *
 * Node.js has no file locks but those of its SQLite, which are the system's own: they end with their
 * process, however that ends, so nobody has to break the lock of one that was killed. The file stays
 * empty.
 *
 * @throws Error where others hold the lock for 10 seconds
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
  const deadline = performance.now() + patience;
  for (;;) {
    const lock = new DatabaseSync(file, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await wait(20);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy;
}

/** Made by root, the file must be open to whoever the folder belongs to. */
async function giveAway(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(file));
  await chown(file, uid, gid);
}
