// A server as a process of its own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, globSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitForAnswer } from './answer.ts';
import { readIfThere, writePrivate } from './files.ts';
import type { Instance, Program } from './kind.ts';
import { findPort, isFree } from './ports.ts';
import { identify } from './processes.ts';
import type { ProcessId } from './processes.ts';
import { sayIfSlow } from './progress.ts';
import { writeRecord } from './record.ts';
import { excerpt } from './run.ts';
import { isUp, shutDown } from './running.ts';

const permitPrefix = 'permit-';

/**
 * Starts the server, with new data if there is none, and waits until it answers. The record is
 * kept in step on disk.
 *
 * @throws if it does not start; data that was made for it is removed again
 */
export async function startNative(
  instance: Instance,
  program: Program,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { kind } = instance;
  const undo = await kind.prepare?.(instance, program, signal);
  try {
    const start = startOnFreePort(instance, program, signal);
    await sayIfSlow(`starting the ${kind.noun} …`, start);
  } catch (error) {
    undo?.();
    throw error;
  }
}

async function startOnFreePort(
  instance: Instance,
  program: Program,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { record } = instance;
  for (let attempt = 1; ; attempt += 1) {
    if (!(await isFree(record.port))) record.port = await findPort();
    try {
      return await launch(instance, program, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // By chance: somebody took the port after the look at it, or this process was held up and
      // gave the server its permit too late.
      const byChance = !(await isFree(record.port)) || String(error).includes(permitPrefix);
      if (!byChance || attempt === 5) throw error;
    }
  }
}

async function launch(
  instance: Instance,
  program: Program,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { kind, home, record } = instance;
  const logFile = join(home, 'server.log');
  for (const left of globSync(`${permitPrefix}*`, { cwd: home })) rmSync(join(home, left));
  const permit = `${permitPrefix}${randomUUID()}`;
  const output = openSync(logFile, 'w', 0o600);
  const child = spawn(program.server, kind.arguments(instance, program, permit), {
    cwd: home,
    // A group of its own: Ctrl-C in a terminal must not end it before the app has drained.
    detached: true,
    stdio: ['pipe', output, output],
    env: program.env,
    windowsHide: true,
  });
  closeSync(output);
  if (child.pid === undefined) throw (await once(child, 'error'))[0];
  child.unref();

  // The server ends if it does not find its own permit, and it looks for it late. So one whose
  // starter is killed before it could note the process ends by itself: none is forgotten.
  const running: ProcessId = { pid: child.pid, started: '' };
  record.running = running;
  writeRecord(home, record);
  writePrivate(join(home, permit), kind.permit(record));
  // One that has ended already is judged by its log.
  child.stdin?.on('error', () => undefined).end();
  try {
    running.started = identify(child.pid)?.started ?? 'ended';
    writeRecord(home, record);
    await waitForAnswer(instance, () => isUp(running), signal);
  } catch (error) {
    await shutDown(instance);
    writeRecord(home, record);
    if (signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const log = excerpt(readIfThere(logFile) ?? '');
    throw new Error(`${reason}; ${logFile} says:\n${log}`, { cause: error });
  } finally {
    rmSync(join(home, permit), { force: true });
  }
}
