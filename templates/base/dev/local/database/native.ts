// A database server as a process of its own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, globSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writePrivate } from '../files.ts';
import { findPort, isFree } from '../ports.ts';
import { identify } from '../processes.ts';
import type { ProcessId } from '../processes.ts';
import { sayIfSlow } from '../progress.ts';
import { excerpt } from '../run.ts';
import { accountStatements, lockStatements, waitForAnswer } from './connection.ts';
import { makeData } from './data.ts';
import { asRoot } from './programs.ts';
import type { Program } from './programs.ts';
import { writeRecord } from './record.ts';
import type { DatabaseRecord } from './record.ts';
import { isUp, shutDown } from './running.ts';

const accountsPrefix = 'accounts-';

/**
 * Starts the server, with new data if there is none, and waits until it answers. The record is
 * kept in step on disk.
 *
 * @param home where data, log and record lie
 * @throws if it does not start; data that was made for it is removed again
 */
export async function startNative(
  program: Program,
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const made = await makeData(program, home, record, signal);
  try {
    await sayIfSlow('starting the database …', startOnFreePort(program, home, record, signal));
  } catch (error) {
    if (made) rmSync(join(home, 'data'), { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

async function startOnFreePort(
  program: Program,
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    if (!(await isFree(record.port))) record.port = await findPort();
    try {
      return await launch(program, home, record, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // By chance: somebody took the port after the look at it, or this process was held up and
      // gave the server its accounts too late.
      const byChance = !(await isFree(record.port)) || String(error).includes(accountsPrefix);
      if (!byChance || attempt === 5) throw error;
    }
  }
}

async function launch(
  program: Program,
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const logFile = join(home, 'server.log');
  for (const left of globSync(`${accountsPrefix}*`, { cwd: home })) rmSync(join(home, left));
  const accountsFile = join(home, `${accountsPrefix}${randomUUID()}.sql`);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const output = openSync(logFile, 'w', 0o600);
  const child = spawn(program.server, serverArguments(program, home, record, accountsFile), {
    // A group of its own: Ctrl-C in a terminal must not end it before the app has drained.
    detached: true,
    stdio: ['ignore', output, output],
    env: program.env,
    windowsHide: true,
  });
  closeSync(output);
  if (child.pid === undefined) throw (await once(child, 'error'))[0];
  child.unref();

  // The server ends if it does not find its own accounts file, and it looks for it late. So one
  // whose starter is killed before it could note the process ends by itself: none is forgotten.
  const running: ProcessId = { pid: child.pid, started: '' };
  record.running = running;
  writeRecord(home, record);
  writePrivate(accountsFile, accountStatements(record, '127.0.0.1') + lockStatements);
  try {
    running.started = identify(child.pid)?.started ?? 'ended';
    writeRecord(home, record);
    await waitForAnswer(record, () => isUp(running), signal);
  } catch (error) {
    await shutDown(record);
    writeRecord(home, record);
    if (signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const log = excerpt(readIfThere(logFile) ?? '');
    throw new Error(`${reason}; ${logFile} says:\n${log}`, { cause: error });
  } finally {
    rmSync(accountsFile, { force: true });
  }
}

function serverArguments(
  { kind, options }: Program,
  home: string,
  { port }: DatabaseRecord,
  accountsFile: string,
): string[] {
  return [
    '--no-defaults',
    ...asRoot,
    ...options,
    `--datadir=${join(home, 'data')}`,
    // Its own: a server that starts removes temporary tables of others that it finds in its folder.
    `--tmpdir=${join(home, 'tmp')}`,
    `--init-file=${accountsFile}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    // No socket: its path would be too long in a deep folder.
    ...(process.platform === 'win32' ? ['--console'] : ['--socket=']),
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--max-connections=300',
    '--innodb-buffer-pool-size=64M',
    // Fast, and still safe when the server is killed; only a crash of the machine may cost a second.
    '--innodb-flush-log-at-trx-commit=2',
    '--performance-schema=OFF',
    '--skip-log-bin',
    ...(kind === 'MySQL' ? ['--mysqlx=OFF', '--secure-file-priv=NULL'] : []),
  ];
}
