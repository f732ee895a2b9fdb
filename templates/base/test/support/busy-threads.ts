import { execFileSync } from 'node:child_process';
import { constants, closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';

/** The threads on which Node.js hashes and reads files. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);

/**
 * Keeps all of those threads waiting, so that no hash ends: each opens a pipe that nobody writes to.
 *
 * @returns what lets them go on
 */
export async function holdThreads(): Promise<() => Promise<void>> {
  const folder = await temporaryFolder();
  const pipes = Array.from({ length: threads }, (_, index) => join(folder, String(index)));
  execFileSync('mkfifo', pipes);
  const opening = pipes.map((pipe) => open(pipe));

  return async () => {
    // For reading and writing: it waits for nobody, and those who wait for a writer have one.
    const writers = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
    for (const handle of await Promise.all(opening)) await handle.close();
    for (const writer of writers) closeSync(writer);
  };
}
