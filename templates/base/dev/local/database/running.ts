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
  // Asked through SQL, since Windows has no signal that lets a process end in order.
  if (!(await askToEnd(record))) process.kill(server.pid, 'SIGTERM');
  if (await waitForExit(server, 30_000)) return;
  process.kill(server.pid, 'SIGKILL');
  if (await waitForExit(server, 5000)) return;
  throw new Error(`The database (process ${server.pid}) does not end. End it by hand.`);
}

async function askToEnd(record: DatabaseRecord): Promise<boolean> {
  try {
    const connection = await connect(record);
    await connection.query('SHUTDOWN');
    connection.destroy();
    return true;
  } catch {
    return false; // it does not listen, or not to us
  }
}
