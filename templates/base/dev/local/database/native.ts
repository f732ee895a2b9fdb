// A database server as a process of its own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, globSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writePrivate } from '../files.ts';
import { findPort, isFree } from '../ports.ts';
import { identify, isRunning } from '../processes.ts';
import { say, sayIfSlow } from '../progress.ts';
import { excerpt, run } from '../run.ts';
import { accountStatements, lockStatements, waitForAnswer } from './connection.ts';
import type { Program } from './programs.ts';
import { writeRecord } from './record.ts';
import type { DatabaseRecord } from './record.ts';
import { shutDown } from './running.ts';

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

/** Makes the data beside its place and moves it there when complete: a kill leaves no half of it. */
async function makeData(
  program: Program,
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (existsSync(join(home, 'data'))) return false;
  for (const left of globSync('making-*', { cwd: home })) {
    rmSync(join(home, left), { recursive: true, force: true, maxRetries: 5 });
  }
  say('making a private database in .shipkit/local (once) …');
  const making = join(home, `making-${randomUUID()}`);
  const { command, args } = makeCommand(program, making);
  await run(command, args, { env: program.env, signal });
  record.madeBy = program.kind;
  writeRecord(home, record);
  renameSync(making, join(home, 'data'));
  return true;
}

function makeCommand(program: Program, folder: string): { command: string; args: string[] } {
  const { installer, server, options } = program;
  if (installer?.endsWith('.exe')) return { command: installer, args: [`--datadir=${folder}`] };
  const common = ['--no-defaults', ...asRoot(), ...options, `--datadir=${folder}`];
  return installer
    ? { command: installer, args: [...common, '--skip-test-db', '--skip-name-resolve'] }
    : { command: server, args: [...common, '--initialize-insecure', '--secure-file-priv=NULL'] };
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
      // Somebody else may take the port between the look and the start.
      const taken = !(await isFree(record.port));
      if (!taken || attempt === 5) throw error;
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
  const accountsFile = join(home, 'accounts.sql');
  rmSync(accountsFile, { force: true });
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

  const running = identify(child.pid);
  if (running) record.running = running;
  writeRecord(home, record);
  // The server ends if this file is missing, and it looks for it late. So one whose starter is
  // killed before it could note the process ends by itself, and none is ever forgotten.
  writePrivate(accountsFile, accountStatements(record, '127.0.0.1') + lockStatements);
  try {
    await waitForAnswer(record, async () => running !== undefined && isRunning(running), signal);
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
    ...asRoot(),
    ...options,
    `--datadir=${join(home, 'data')}`,
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

/** Both servers refuse to run as root unless they are told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
