import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { readIfThere, writePrivate } from './files.ts';
import { findPort } from './ports.ts';
import type { ProcessId } from './processes.ts';

/** What the server runs as. */
export type Running = ProcessId | { container: string };

/** What is known of a private server from one command to the next. */
export interface ServerRecord {
  /** The folder that this was written in: another one means that the project was moved or copied. */
  home: string;
  port: number;
  password: string;
  /** The make of server that made the data, or Docker; nothing where it keeps none. */
  madeBy?: string | undefined;
  /** The name of its container, and of its volume, where it runs in Docker. */
  container?: string;
  running?: Running;
}

export async function newRecord(home: string): Promise<ServerRecord> {
  return { home, port: await findPort(), password: randomBytes(24).toString('base64url') };
}

export function readRecord(home: string): ServerRecord | undefined {
  const file = recordFile(home);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ServerRecord;
  } catch (error) {
    throw new Error(`${file} is damaged; remove it and run the command again.`, { cause: error });
  }
}

/** It holds the password, so only its owner may read it. */
export function writeRecord(home: string, record: ServerRecord): void {
  writePrivate(recordFile(home), `${JSON.stringify(record, undefined, 2)}\n`);
}

const recordFile = (home: string): string => join(home, `${basename(home)}.json`);
