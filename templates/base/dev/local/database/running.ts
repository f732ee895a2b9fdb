import { isRunning, waitForExit } from '../processes.ts';
import type { ProcessId } from '../processes.ts';
import { connect } from './connection.ts';
import { isContainerUp, stopContainer } from './container.ts';
import type { DatabaseRecord, Running } from './record.ts';

/** Whether the server still runs; it may not answer yet. */
export async function isUp(running: Running): Promise<boolean> {
  return 'container' in running ? isContainerUp(running.container) : isRunning(running);
}

/** Stops the server of this record if it runs, and waits until it has ended. */
export async function shutDown(record: DatabaseRecord): Promise<void> {
  const { running } = record;
  delete record.running;
  if (!running || !(await isUp(running))) return;
  if ('container' in running) await stopContainer(running.container);
  else await endProcess(record, running);
}

async function endProcess(record: DatabaseRecord, server: ProcessId): Promise<void> {
  // Asked through SQL, since Windows has no signal that lets a process end in order, and a server
  // that is still starting does not hear one. One that does not answer at all is told harder.
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    const asked = await askToEnd(record);
    if (await waitForExit(server, asked ? 30_000 : 100)) return;
  }
  process.kill(server.pid, 'SIGTERM');
  if (await waitForExit(server, 10_000)) return;
  process.kill(server.pid, 'SIGKILL');
  if (await waitForExit(server, 10_000)) return;
  throw new Error(`The database (process ${server.pid}) does not end. End it by hand.`);
}

async function askToEnd(record: DatabaseRecord): Promise<boolean> {
  try {
    const connection = await connect(record);
    await connection.query('SHUTDOWN');
    connection.destroy();
    return true;
  } catch {
    return false; // it does not listen yet, or not to us
  }
}
