import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseIfWhole, readIfThere, writePrivate } from './files.ts';
import { isRunning, thisProcess } from './processes.ts';
import type { ProcessId } from './processes.ts';

/** A process that uses a service, and the command that a person knows it by. */
export interface User extends ProcessId {
  command: string;
  /** Where the note was left: in a copy of the folder it does not count. */
  folder: string;
}

/** Notes that this process uses the service; returns the function that takes the note back. */
export function register(folder: string, command: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}-${randomUUID()}.json`);
  writePrivate(file, JSON.stringify({ ...thisProcess(), command, folder } satisfies User));
  return () => rmSync(file, { force: true });
}

/** Who uses the service now. Notes of processes that have ended are removed on the way. */
export function listUsers(folder: string): User[] {
  mkdirSync(folder, { recursive: true });
  const users: User[] = [];
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const text = name.endsWith('.json') ? readIfThere(file) : undefined;
    const user = text === undefined ? undefined : (parseIfWhole(text) as User | undefined);
    if (user?.folder === folder && isRunning(user)) users.push(user);
    else rmSync(file, { force: true });
  }
  return users;
}
