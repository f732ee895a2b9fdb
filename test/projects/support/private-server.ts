// A private server of one's own, to be killed: the given one is others' as well.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

import { root } from '../../../scripts/lib/root.ts';
import type { Service } from '../../../templates/base/dev/local/service.ts';

/** What was fetched for this repository's own servers need not be fetched again into a folder. */
export function shareFetched(folder: string): void {
  const packages = join(root, '.cache', '.shipkit', 'local', 'packages');
  if (!existsSync(packages)) return;
  mkdirSync(join(folder, '.shipkit', 'local'), { recursive: true });
  symlinkSync(packages, join(folder, '.shipkit', 'local', 'packages'), 'dir');
}

/** Sends a signal to the process of a private server. */
export function signalServer({ folder }: Service, signal: NodeJS.Signals): void {
  const file = join(folder, `${basename(folder)}.json`);
  const { running } = JSON.parse(readFileSync(file, 'utf8')) as { running: { pid: number } };
  process.kill(running.pid, signal);
}
