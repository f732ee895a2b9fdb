import type { ChildProcess } from 'node:child_process';
import spawn, { type Options, type Result, SubprocessError } from 'nano-spawn';
import { exitCodes } from '../problem.ts';

/** Milliseconds that a program may take to end once it is told to. */
const patience = 2000;

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
  const only = { ...without(process.env), ...env };
  const result = await ended(program, args, { cwd, env: only, stdin: 'ignore' }, signal);
  signal.throwIfAborted();
  return {
    ok: !(result instanceof SubprocessError),
    missing: isMissing(result),
    stdout: result.stdout,
    all: result.output,
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
  const result = await ended(program, args, { cwd, stdio: 'inherit' }, signal);
  if (signal.aborted) return exitCodes.cancelled;
  if (!(result instanceof SubprocessError)) return 0;
  return result.exitCode ?? exitCodes.unexpected;
}

/** Waits until a program has ended, told to by the signal or by itself. */
async function ended(
  program: string,
  args: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<Result | SubprocessError> {
  const running = spawn(program, args, options);
  // It is killed here and not by Node's own signal, which would not wait for its end.
  const child = running.nodeChildProcess;
  const stop = (): void => {
    void kill(child);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await running;
  } catch (error) {
    if (error instanceof SubprocessError) return error;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Asks a program to end, and has it end. One that did not start has done so already. */
async function kill(starting: Promise<ChildProcess>): Promise<void> {
  const [child] = await Promise.allSettled([starting]);
  if (child.status === 'rejected') return;
  child.value.kill();
  setTimeout(() => child.value.kill('SIGKILL'), patience).unref();
}

/** Takes every variable away: nano-spawn has a program inherit what it is not told of. */
function without(env: NodeJS.ProcessEnv): Record<string, undefined> {
  return Object.fromEntries(Object.keys(env).map((name) => [name, undefined]));
}

function isMissing(result: Result | SubprocessError): boolean {
  if (!(result instanceof SubprocessError)) return false;
  const { cause } = result;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
