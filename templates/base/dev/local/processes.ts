import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process of this machine. The pid alone would not do: the system gives a free one out again. */
export interface ProcessId {
  pid: number;
  /**
   * When it started, as the system tells it: opaque, to be compared only. Empty as long as the
   * system was not asked yet, which takes a while where another program has to be run for it.
   */
  started: string;
}

let self: ProcessId | undefined;

/** The process that asks. */
export function thisProcess(): ProcessId {
  self ??= identify(process.pid);
  if (!self) throw new Error(`The system does not show when process ${process.pid} started.`);
  return self;
}

/** The process that has this pid now, or undefined if none has. */
export function identify(pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether this very process still runs. */
export function isRunning({ pid, started }: ProcessId): boolean {
  const now = startOf(pid);
  return now !== undefined && (now === started || started === '');
}

/** Waits until the process has ended, for `milliseconds` at most; false if it still runs then. */
export async function waitForExit(target: ProcessId, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  // There is no event for the end of a process that is not one's own child.
  while (isRunning(target)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') return startOnLinux(pid);
  if (process.platform === 'win32') {
    return output('powershell', [
      '-NoProfile',
      '-Command',
      `(Get-Process -Id ${pid}).StartTime.Ticks`,
    ]);
  }
  return output('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

/** proc(5): the fields after the name in parentheses begin with the state; the start is field 22. */
function startOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined; // no such process
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  // A zombie has ended; only its parent has not asked for its exit code yet.
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function output(command: string, args: string[]): string | undefined {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', env, windowsHide: true });
  return status === 0 ? stdout.trim() || undefined : undefined;
}
