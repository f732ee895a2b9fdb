import { execa } from 'execa';
import { exitCodes } from '../problem.ts';

export interface RunOptions {
  readonly cwd: string;
  /** Ends the program when it is aborted. */
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

export interface RunResult {
  readonly ok: boolean;
  /** The program is not on this machine. */
  readonly missing: boolean;
  readonly stdout: string;
  /** Everything that the program wrote, in the order in which it did. */
  readonly all: string;
}

/**
 * Runs a program on any system (on Windows through its .cmd where it has one) and waits for it.
 * Its failure is a result, not an error.
 *
 * @throws the signal's reason when it was aborted, after the program has ended
 */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, signal, env = process.env }: RunOptions,
): Promise<RunResult> {
  const result = await execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    all: true,
    stdin: 'ignore',
    cancelSignal: signal,
    forceKillAfterDelay: 2000,
  });
  signal.throwIfAborted();
  return {
    ok: !result.failed,
    missing: result.code === 'ENOENT',
    stdout: result.stdout,
    all: result.all,
  };
}

/** The last line that says something, for a sentence about a failure. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/**
 * Runs a program whose words are for the user.
 *
 * @returns its exit code; 130 where the user has interrupted it
 */
export async function runAttached(
  program: string,
  args: readonly string[],
  { cwd, signal }: RunOptions,
): Promise<number> {
  const result = await execa(program, args, {
    cwd,
    reject: false,
    stdio: 'inherit',
    cancelSignal: signal,
  });
  return signal.aborted ? exitCodes.cancelled : (result.exitCode ?? exitCodes.unexpected);
}
