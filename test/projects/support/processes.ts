import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The processes that run in a folder or name it in their command line.
 *
 * @returns their command lines; none where the system has no /proc to look at
 */
export function processesIn(folder: string): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => describe(join('/proc', pid)))
    .filter(({ cwd, command }) => cwd.startsWith(folder) || command.includes(folder))
    .map(({ command }) => command);
}

function describe(entry: string): { cwd: string; command: string } {
  try {
    const command = readFileSync(join(entry, 'cmdline'), 'utf8').replaceAll('\0', ' ').trim();
    return { cwd: readlinkSync(join(entry, 'cwd')), command };
  } catch {
    // It ended between the listing and the look, or is somebody else's.
    return { cwd: '', command: '' };
  }
}
