import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';

export const windows = process.platform === 'win32';

/** Sends a signal to a process and all that it started; on Windows it just ends them. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  if (windows) {
    spawn('taskkill', ['/pid', String(leader), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether anything of a process group still runs. */
export function groupExists(leader: number): boolean {
  try {
    process.kill(windows ? leader : -leader, 0);
    return !existsSync('/proc/self/stat') || hasLivingMember(leader);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In a container whose first process does not look after orphans, the dead stay listed for ever. */
function hasLivingMember(leader: number): boolean {
  return readdirSync('/proc').some((pid) => {
    const [state, , group] = statusOf(pid);
    return group === String(leader) && state !== 'Z' && state !== 'X';
  });
}

/** proc(5): what follows the name in parentheses is state, parent, group. */
function statusOf(pid: string): string[] {
  if (!/^\d+$/.test(pid)) return [];
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It ended between the listing and the look.
    return [];
  }
}
