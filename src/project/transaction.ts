// The folder in which a change is prepared: the new contents, whose it is, and the journal.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { precondition, type Problem } from '../problem.ts';
import type { DurableFiles } from './durable.ts';
import { ifThere } from './fs-problem.ts';
import { placeInside } from './inside.ts';
import { isRunning } from './is-running.ts';

/** Where it lies in a project. Not for the project's repository. */
export const transactionPath = '.shipkit/txn';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const journalSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** Of the content; null where there is no file. */
      before: z.nullable(sha256),
      after: z.nullable(sha256),
      /** Null where the file keeps its own. */
      mode: z.nullable(z.int()),
    }),
  ),
});

/** The files of a change, in order: the new content of each lies under its number. */
export type Journal = z.output<typeof journalSchema>;

export interface Transaction {
  readonly folder: string;
  readonly files: DurableFiles;
}

/** @throws Problem (exit code 3) when its folder would lie outside of the project */
export function transactionIn(project: string, files: DurableFiles): Transaction {
  const journal = placeInside(project, `${transactionPath}/journal.json`);
  return { folder: path.dirname(journal), files };
}

/** @throws Problem (exit code 3) when there is one already */
export function claim({ folder, files }: Transaction): void {
  files.makeFolder(path.dirname(folder));
  if (!files.claimFolder(folder)) throw busy();
}

/** Says whose it is, so that nobody takes it for one that was left behind. */
export function sign({ folder, files }: Transaction): void {
  const owner = Buffer.from(`${process.pid}\n`);
  files.write(path.join(folder, 'owner'), owner, { mode: 0o644, exact: false });
}

/** The moment from which the change is made: before, all is dropped; after, all is finished. */
export async function commit({ folder, files }: Transaction, journal: Journal): Promise<void> {
  const content = Buffer.from(`${JSON.stringify(journal, null, 2)}\n`);
  const written = path.join(folder, 'journal.new');
  files.write(written, content, { mode: 0o644, exact: false });
  files.syncFolder(folder);
  await files.rename(written, path.join(folder, 'journal.json'));
}

/**
 * Forgets a change that is wholly made, and on the disk. The journal goes last, so that what is
 * left on the way is never taken for a change that was only prepared.
 */
export function end({ folder, files }: Transaction): void {
  files.remove(path.join(folder, 'owner'));
  files.remove(path.join(folder, 'journal.json'));
  files.removeFolder(folder);
  files.syncFolder(path.dirname(folder));
}

/** Drops a change that was not committed. */
export function drop({ folder, files }: Transaction): void {
  files.removeFolder(folder);
}

/** Drops the change of this process, if it is still there: another may have begun one since. */
export function dropOwn(transaction: Transaction): void {
  if ([undefined, process.pid].includes(ownerOf(transaction.folder))) drop(transaction);
}

/** What an earlier process has left: nothing, a change that had not been committed, or its journal. */
export function leftBehind({ folder }: Transaction): 'nothing' | 'prepared' | Journal {
  if (!existsSync(folder)) return 'nothing';
  const owner = ownerOf(folder);
  if (owner !== undefined && owner !== process.pid && isRunning(owner)) throw busy();
  return readJournal(folder) ?? (readdirSync(folder).length > 0 ? 'prepared' : 'nothing');
}

function readJournal(folder: string): Journal | undefined {
  const text = textAt(path.join(folder, 'journal.json'));
  if (text === undefined) return undefined;
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damagedJournal(error);
  }
}

/** The journal is what it was written as, or somebody else's. */
export function damagedJournal(cause?: unknown): Problem {
  const message = `${transactionPath}/journal.json is damaged: remove ${transactionPath}, and compare the project with its repository.`;
  return Object.assign(precondition(message, 'journal-damaged'), { cause });
}

function busy(): Problem {
  return precondition(
    `Another command is writing in this project: wait until it is done. If there is none, remove ${transactionPath}.`,
    'busy',
  );
}

/** Without its line break the number may be cut off, and another's. */
function ownerOf(folder: string): number | undefined {
  const pid = /^(\d+)\n$/.exec(textAt(path.join(folder, 'owner')) ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function textAt(file: string): string | undefined {
  return ifThere(file, () => readFileSync(file, 'utf8'));
}
