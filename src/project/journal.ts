// Writes all files of a change or none, by a redo log: the new contents are put aside first, then
// the journal that lists them. From that moment, whatever happens, the next command can finish.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../merge/change.ts';
import { exitCodes, precondition, Problem } from '../problem.ts';
import { type DurableFiles, durableFiles } from './durable.ts';
import { fsProblem, ifThere } from './fs-problem.ts';
import { placeInside } from './inside.ts';
import {
  claim,
  commit,
  damagedJournal,
  drop,
  dropOwn,
  end,
  type Journal,
  leftBehind,
  sign,
  type Transaction,
  transactionIn,
  transactionPath,
} from './transaction.ts';

export interface Recovery {
  /** No trace of an interrupted command; one that had changed nothing; one that had begun to. */
  readonly state: 'nothing' | 'undone' | 'finished';
  /** For the user; empty when there was nothing. */
  readonly sentence: string;
}

/** A file of the journal, where it lies, and where its new content waits. */
type Step = Journal['files'][number] & { readonly place: string; readonly staged: string };

/**
 * Makes all changes or none. A process that ends on the way, at any moment, leaves the project as
 * it was, or with a journal from which `recover` finishes. A file that is replaced keeps its
 * permissions unless the change sets others.
 *
 * @param project its folder; `recover` has been called for it
 * @param files what changes the disk; that of a test ends in the midst of it
 * @throws Problem (exit code 3) before anything was changed: a path leads out of the project, a
 *   file is not as the change knows it, another command is writing
 * @throws Problem (exit code 1) when the disk failed; it says whether anything was changed
 */
export async function applyChanges(
  project: string,
  changes: readonly Change[],
  files: DurableFiles = durableFiles,
): Promise<void> {
  if (changes.length === 0) return;
  const transaction = transactionIn(project, files);
  const steps = changes.map((change, index) => stepFor(project, transaction, change, index));
  refuseTwice(steps);
  claim(transaction);
  try {
    sign(transaction);
    // Not before: what another command wrote until then is not to be written over.
    refuseEdited(steps);
    for (const [index, step] of steps.entries()) stage(step, changes[index], files);
    await commit(transaction, { files: steps.map((step) => lineOf(step)) });
  } catch (error) {
    dropOwn(transaction);
    throw fsProblem(error, project) ?? error;
  }
  await finish(project, transaction, steps);
}

/**
 * Cleans up after a command that was ended while it wrote: what had not begun is dropped, what had
 * begun is finished. To be called before a project is read.
 *
 * @throws Problem (exit code 3) when another command is writing, or a file is neither what it was
 *   nor what it was to become
 */
export async function recover(
  project: string,
  files: DurableFiles = durableFiles,
): Promise<Recovery> {
  if (!existsSync(path.join(project, transactionPath))) return { state: 'nothing', sentence: '' };
  const transaction = transactionIn(project, files);
  const left = leftBehind(transaction);
  if (typeof left === 'string') {
    drop(transaction);
    if (left === 'nothing') return { state: 'nothing', sentence: '' };
    const sentence = 'The last command was interrupted before it had changed anything.';
    return { state: 'undone', sentence };
  }
  const steps = left.files.map((line, index) => located(project, transaction, line, index));
  for (const step of steps) refuseStranger(step);
  await finish(project, transaction, steps);
  const sentence = 'The last command was interrupted while it wrote: the rest is written now.';
  return { state: 'finished', sentence };
}

function stepFor(project: string, transaction: Transaction, change: Change, index: number): Step {
  const { before, after } = change;
  const hashes = { before: hashOf(before?.content), after: hashOf(after?.content) };
  const line = { path: change.path, ...hashes, mode: after?.mode ?? null };
  return located(project, transaction, line, index);
}

function refuseEdited(steps: readonly Step[]): void {
  const edited = steps.filter(({ place, before }) => hashAt(place) !== before);
  const [first] = edited;
  if (first === undefined) return;
  if (edited.some(({ path: file }) => file.startsWith('.shipkit/'))) throw changedByAnother();
  throw precondition(
    `${first.path} was edited while this command ran: nothing was written, run it again.`,
    'edited-meanwhile',
  );
}

/** What a command is told when another has changed the project since this one had read it. */
export function changedByAnother(): Problem {
  return precondition(
    'Another command changed this project meanwhile: nothing was written, run this again.',
    'edited-meanwhile',
  );
}

function located(
  project: string,
  { folder }: Transaction,
  line: Journal['files'][number],
  index: number,
): Step {
  const place = placeInside(project, line.path);
  if (place.startsWith(folder + path.sep)) throw damagedJournal();
  return { ...line, place, staged: path.join(folder, String(index)) };
}

function lineOf({ path: file, before, after, mode }: Step): Journal['files'][number] {
  return { path: file, before, after, mode };
}

function refuseTwice(steps: readonly Step[]): void {
  const places = new Map<string, string>();
  for (const { path: file, place } of steps) {
    const other = places.get(place);
    if (other !== undefined) {
      throw precondition(
        `${other} and ${file} are the same file, and cannot both change: remove the link.`,
        'same-file',
      );
    }
    places.set(place, file);
  }
}

function stage(step: Step, change: Change | undefined, files: DurableFiles): void {
  const content = change?.after?.content;
  if (content === undefined) return;
  const standing = step.before === null ? undefined : statSync(step.place).mode & 0o777;
  const mode = step.mode ?? standing ?? 0o644;
  files.write(step.staged, content, { mode, exact: standing !== undefined });
}

/** Makes every step that is not made yet, and lets the journal go when all is on the disk. */
async function finish(
  project: string,
  transaction: Transaction,
  steps: readonly Step[],
): Promise<void> {
  const { files, folder } = transaction;
  try {
    files.syncFolder(folder);
    await makeSteps(realpathSync(project), steps, files);
    end(transaction);
  } catch (error) {
    const why = fsProblem(error, project)?.message ?? String(error);
    throw new Problem(
      exitCodes.unexpected,
      'unfinished',
      `Writing stopped half-way (${why.replace(/\.$/, '')}): the next shipkit command in this project finishes it.`,
      { cause: error },
    );
  }
}

async function makeSteps(root: string, steps: readonly Step[], files: DurableFiles): Promise<void> {
  const [deletions, writes] = [[], []] as [Step[], Step[]];
  for (const step of steps) (step.after === null ? deletions : writes).push(step);
  for (const { place } of deletions) files.remove(place);
  for (const { place, staged } of writes) {
    if (!existsSync(staged)) continue;
    files.makeFolder(path.dirname(place));
    await files.rename(staged, place);
  }
  for (const { place } of deletions) removeEmptied(path.dirname(place), root, files);
  for (const folder of foldersOf(steps, root)) files.syncFolder(folder);
}

function removeEmptied(folder: string, root: string, files: DurableFiles): void {
  for (let at = folder; at !== root; at = path.dirname(at)) {
    if (!files.removeEmpty(at)) return;
  }
}

/** The folders in which a name may have come or gone, as far as they are still there. */
function foldersOf(steps: readonly Step[], root: string): string[] {
  const folders = new Set([root]);
  for (const { place } of steps) {
    for (let at = path.dirname(place); !folders.has(at); at = path.dirname(at)) folders.add(at);
  }
  return [...folders].filter((folder) => existsSync(folder));
}

/** Nothing is written over a file that is neither what it was nor what it was to become. */
function refuseStranger({ path: file, place, staged, before, after }: Step): void {
  const standing = hashAt(place);
  const waiting = after === null ? null : hashAt(staged);
  const isMade = standing === after && waiting === null;
  const canBeMade = [before, after].includes(standing) && waiting === after;
  if (isMade || canBeMade) return;
  throw precondition(
    `The last command was interrupted while it wrote, and ${file} is neither what it was nor what it was to become: undo what was edited in it and run this again, or give up the rest of that command by removing ${transactionPath}.`,
    'changed-meanwhile',
  );
}

function hashAt(place: string): string | null {
  return hashOf(ifThere(place, () => readFileSync(place)));
}

function hashOf(content: Uint8Array | undefined): string | null {
  return content === undefined ? null : createHash('sha256').update(content).digest('hex');
}
