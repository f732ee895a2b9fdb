// The private development database of a project, under .shipkit/local/database.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrl, waitForAnswer } from './database/connection.ts';
import { findEngines } from './database/engines.ts';
import { newRecord, readRecord, writeRecord } from './database/record.ts';
import type { DatabaseRecord } from './database/record.ts';
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
    name: 'the database',
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
  };
}

async function start(home: string, signal: AbortSignal | undefined): Promise<string> {
  const record = await ownRecord(home);
  const { running } = record;
  if (running && (await isUp(running))) {
    // Whoever started it may have been killed before it answered.
    const answer = waitForAnswer(record, () => isUp(running), signal);
    await sayIfSlow('waiting for the database …', answer);
    return databaseUrl(record);
  }
  return startAnew(home, record, signal);
}

/** Tries one engine after the other. Data that exists is only opened by the kind that made it. */
async function startAnew(
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<string> {
  const passed: string[] = [];
  for await (const engine of findEngines(home, (reason) => passed.push(reason), signal)) {
    const { madeBy } = record;
    if (madeBy && madeBy !== engine.kind && hasData(home, record)) {
      passed.push(`${engine.label}: the data was made by ${madeBy}`);
      continue;
    }
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

/**
 * The record that belongs to this very folder. In a copied project the record is the original's:
 * its server, port and password are left alone. In a moved one the server is its own, but knows
 * only the old place: it is stopped, to be started again here.
 */
async function ownRecord(home: string): Promise<DatabaseRecord> {
  const record = readRecord(home);
  if (record?.home === home) return record;
  if (record && !existsSync(record.home)) await shutDown(record);
  const own = await newRecord(home);
  if (record?.madeBy) own.madeBy = record.madeBy;
  writeRecord(home, own);
  return own;
}

const hasData = (home: string, { container }: DatabaseRecord): boolean =>
  container !== undefined || existsSync(join(home, 'data'));

function noEngine(home: string, record: DatabaseRecord, passed: string[]): string {
  const advice = hasData(home, record)
    ? `If its data is damaged or of another server, remove ${home} to begin with an empty database.`
    : `Install one with \`${installCommand()}\`, or set DATABASE_URL in .env to a database of yours.`;
  const reasons = passed.map((reason) => `  - ${reason}`).join('\n');
  return `The private development database cannot be started here:\n${reasons}\n${advice}`;
}

function installCommand(): string {
  if (process.platform === 'darwin') return 'brew install mariadb';
  if (process.platform === 'win32') return 'winget install MariaDB.Server';
  if (existsSync('/usr/bin/apt-get')) return 'sudo apt-get install mariadb-server-core';
  return 'sudo dnf install mariadb-server';
}
