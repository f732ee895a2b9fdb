import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { isRunning } from '../../src/project/is-running.ts';

const memory = '/dev/shm';
/** Bytes that have to be free for it: projects with their packages and databases. */
const enough = 8 * 2 ** 30;

/**
 * Makes a folder for what a run of the tests makes: hundreds of projects, for whose files a disk can
 * take twenty times as long as memory does. On Linux it is in memory where there is much of that, else
 * where the system has temporary files. What a run that was killed has left is removed.
 */
export function temporaryFolder(): string {
  const place = hasRoom() ? memory : tmpdir();
  for (const name of readdirSync(place)) {
    const pid = /^shipkit-test-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    rmSync(join(place, name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(place, `shipkit-test-${process.pid}-`));
  // As the system's own: some tests run as another user.
  chmodSync(folder, 0o1777);
  return folder;
}

function hasRoom(): boolean {
  if (process.platform !== 'linux') return false;
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === memory);
  // Programs that are installed into it have to start.
  if (mount === undefined || /\bnoexec\b/.test(mount)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return Math.min(bavail * bsize, freemem()) >= enough;
}
