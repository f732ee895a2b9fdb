import { isContainerUp, stopContainer } from './container.ts';
import type { Instance } from './kind.ts';
import { isRunning, waitForExit } from './processes.ts';
import type { ProcessId } from './processes.ts';
import type { Running } from './record.ts';

/** Whether the server still runs; it may not answer yet. */
export async function isUp(running: Running): Promise<boolean> {
  return 'container' in running ? isContainerUp(running.container) : isRunning(running);
}

/** Stops the server if it runs, and waits until it has ended. The record on disk is left as it is. */
export async function shutDown(instance: Instance): Promise<void> {
  const { running } = instance.record;
  delete instance.record.running;
  if (!running || !(await isUp(running))) return;
  if ('container' in running) await stopContainer(running.container);
  else await endProcess(instance, running);
}

async function endProcess({ kind, record }: Instance, server: ProcessId): Promise<void> {
  // Asked over a connection, since Windows has no signal that lets a process end in order, and a
  // server that is still starting does not hear one. One that does not answer is told harder.
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    const asked = await kind.askToEnd(record);
    if (await waitForExit(server, asked ? 30_000 : 100)) return;
  }
  process.kill(server.pid, 'SIGTERM');
  if (await waitForExit(server, 10_000)) return;
  process.kill(server.pid, 'SIGKILL');
  if (await waitForExit(server, 10_000)) return;
  throw new Error(`The ${kind.noun} (process ${server.pid}) does not end. End it by hand.`);
}
