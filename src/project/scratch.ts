import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../merge/change.ts';
import { isRunning } from './is-running.ts';

/** Inside the project, so that its packages resolve; not in its repository. */
const local = '.shipkit/local';
const copied = ['package.json', 'tsconfig.json', 'drizzle.config.ts', 'src', 'migrations'];

/**
 * Does some work in a copy of the project in which the changes are made already. The copy goes
 * again, and those that killed commands left behind go with it.
 */
export async function inScratchCopy<T>(
  folder: string,
  changes: readonly Change[],
  work: (copy: string) => Promise<T>,
): Promise<T> {
  const parent = path.join(folder, local);
  mkdirSync(parent, { recursive: true });
  removeAbandoned(parent);
  const copy = path.join(parent, `scratch-${process.pid}`);
  try {
    mkdirSync(copy);
    for (const entry of copied) {
      const from = path.join(folder, entry);
      if (existsSync(from)) cpSync(from, path.join(copy, entry), { recursive: true });
    }
    layIn(copy, changes);
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Makes the changes in a copy, as far as it has a part in them. */
export function layIn(copy: string, changes: readonly Change[]): void {
  for (const { path: file, after } of changes) {
    if (!copied.includes(file.split('/')[0] ?? '')) continue;
    const place = path.join(copy, file);
    if (after === undefined) rmSync(place, { force: true });
    else {
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, after.content);
    }
  }
}

function removeAbandoned(parent: string): void {
  for (const entry of readdirSync(parent)) {
    const pid = Number(/^scratch-(\d+)$/.exec(entry)?.[1]);
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    rmSync(path.join(parent, entry), { recursive: true, force: true, maxRetries: 3 });
  }
}
