import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Print } from '../../src/commands/orders.ts';
import { CommandError, exitCodes } from '../../src/commands/run.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a command of `src/commands/` to its end, in another folder and an environment of its own: a
 * developer's own .env must not decide a test.
 */
export async function runCommand(
  name: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Ran> {
  const script = join(import.meta.dirname, '../../src/commands', name);
  const child = spawn(process.execPath, [script, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, output, errors };
}

/** Does the work of a command in this process, since one of its own takes a second or two to start. */
export async function runHere(work: (print: Print) => Promise<void>): Promise<Ran> {
  let output = '';
  try {
    await work((line) => void (output += `${line}\n`));
    return { code: 0, output, errors: '' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: exitCodes[error.reason], output, errors: `${error.message}\n` };
  }
}
