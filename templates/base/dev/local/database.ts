// The private development database of a project, under .shipkit/local/database.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrl, waitForAnswer } from './database/connection.ts';
import { findEngines } from './database/engines.ts';
import { engineKinds, newRecord, readRecord, writeRecord } from './database/record.ts';
import type { DatabaseRecord, EngineKind } from './database/record.ts';
import { isUp, shutDown } from './database/running.ts';
import { sayIfSlow } from './progress.ts';
import type { Service } from './service.ts';

/**
 * The database service of the project in `folder`, for `use`, `keep` and `stop` of service.ts.
 * Its URL logs in as `app`, who may create schemas, into the database `app`.
 */
export function databaseService(folder: string): Service {
  const home = join(realpathSync(folder), '.shipkit', 'local', 'database');
  return {
    folder: home,
    isRunning: async () => {
      const { running } = await ownRecord(home);
      return running !== undefined && isUp(running);
    },
    start: (signal) => start(home, signal),
    stop: async () => {
      const record = await ownRecord(home);
      await shutDown(record);
      writeRecord(home, record);
    },
    releaseAfterwards: () => {
      const script = join(import.meta.dirname, 'database/release.ts');
      const options = { detached: true, stdio: 'ignore', windowsHide: true } as const;
      spawn(process.execPath, [script, folder], options).unref();
    },
  };
}

async function start(home: string, signal: AbortSignal | undefined): Promise<string> {
  const record = await ownRecord(home);
  if (await answers(record, signal)) return databaseUrl(record);
  return startAnew(home, record, signal);
}

/** Whether the server that was noted answers. One that is still starting is waited for. */
async function answers(record: DatabaseRecord, signal: AbortSignal | undefined): Promise<boolean> {
  const { running } = record;
  if (!running || !(await isUp(running))) return false;
  try {
    const answer = waitForAnswer(record, () => isUp(running), signal);
    await sayIfSlow('waiting for the database …', answer);
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    // It ended: whoever started it was killed before it gave the server its accounts.
    if (!(await isUp(running))) return false;
    const name = 'container' in running ? running.container : `process ${running.pid}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The private database runs as ${name}, but ${reason}. End it, and try again.`, {
      cause: error,
    });
  }
}

/** Tries one engine after the other, until one answers. */
async function startAnew(
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<string> {
  const kind = madeBy(home, record);
  const kinds = kind ? [kind] : [...engineKinds];
  const passed: string[] = [];
  for await (const engine of findEngines(home, kinds, (reason) => passed.push(reason), signal)) {
    try {
      await engine.start(record, signal);
      return databaseUrl(record);
    } catch (error) {
      signal?.throwIfAborted();
      passed.push(`${engine.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(noEngine(home, record, passed));
}

/** The record that belongs to this very folder, on disk too. */
async function ownRecord(home: string): Promise<DatabaseRecord> {
  const record = readRecord(home);
  if (record?.home === home) return record;
  const isMoved = record !== undefined && !existsSync(record.home);
  // The server of a moved project knows only the old place: it is started again at this one. That
  // of a copied project is the original's, with its port and password; only the data was copied.
  if (isMoved) await shutDown(record);
  const own = isMoved
    ? { ...record, home }
    : { ...(await newRecord(home)), madeBy: record?.madeBy };
  writeRecord(home, own);
  return own;
}

/** The kind of server that made the data, if there is data. */
function madeBy(home: string, record: DatabaseRecord): EngineKind | undefined {
  const hasData = record.madeBy === 'Docker' || existsSync(join(home, 'data'));
  return hasData ? record.madeBy : undefined;
}

function noEngine(home: string, record: DatabaseRecord, passed: string[]): string {
  const kind = madeBy(home, record);
  const reasons = passed.map((reason) => `\n  - ${reason}`).join('');
  if (!kind) {
    return `No database server could be started for development:${reasons}
Install one with \`${installCommand()}\`, or set DATABASE_URL in .env to a database of yours.`;
  }
  return `The private development database, made by ${kind}, could not be started:${reasons}
Its data lies in ${home}: bring that ${kind} back, or remove the folder to begin with an empty database.`;
}

function installCommand(): string {
  if (process.platform === 'darwin') return 'brew install mariadb';
  if (process.platform === 'win32') return 'winget install MariaDB.Server';
  if (existsSync('/usr/bin/apt-get')) return 'sudo apt-get install mariadb-server-core';
  return 'sudo dnf install mariadb-server';
}
