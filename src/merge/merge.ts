// Three trees in, changes out: what the generator gave before, what it gives now, what stands.
import type {
  Change,
  Conflict,
  Disk,
  DiskFile,
  Given,
  GivenFile,
  Merged,
  MergeText,
  NewFile,
  Note,
  ThreeTexts,
} from './change.ts';
import { mergeJson } from './json.ts';
import { type Kind, kindOf } from './kinds.ts';
import { mergeList } from './list.ts';
import { linesIn, markDifferences } from './marks.ts';
import { bytesOf, inFormOf, sameText, textFile, type TextFile } from './text.ts';

export interface MergeInput {
  /** What the generator gave when the project was last changed by it. */
  readonly base: Given;
  /** What it gives now. */
  readonly theirs: Given;
  /** What stands; asked only for paths that differ between the two. */
  readonly disk: Disk;
  /** Merges texts that are neither lists nor JSON; asked only for files that both sides changed. */
  readonly mergeText: MergeText;
  /** Conflicts are written, with markers. */
  readonly allowConflicts?: boolean;
}

export interface MergeResult {
  readonly changes: readonly Change[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly Note[];
}

/** What becomes of one file. */
interface Outcome {
  readonly change?: Change;
  readonly conflict?: Conflict;
  readonly notes?: readonly Note[];
}

/** What the generator keeps for itself, and nobody edits. */
const records = '.shipkit/';

/**
 * Lays what changed between `base` and `theirs` into what stands on the disk, file by file. Only
 * paths that differ between the two are looked at. Once-files are left alone. Text is compared with
 * its line endings as LF; a file keeps the endings, the byte order mark and the permissions it has.
 *
 * @returns what would be written; with conflicts and without `allowConflicts`, nothing should be
 */
export async function mergeTrees(input: MergeInput): Promise<MergeResult> {
  const paths = [...new Set([...input.base.keys(), ...input.theirs.keys()])].toSorted();
  const outcomes: Outcome[] = [];
  for (const path of paths) {
    if (input.theirs.get(path)?.once === true) continue;
    const base = rendered(input.base, path);
    const theirs = rendered(input.theirs, path);
    if (!isSame(base, theirs)) outcomes.push(await mergeFile(path, { base, theirs }, input));
  }
  return {
    changes: outcomes.flatMap(({ change }) => change ?? []),
    conflicts: outcomes.flatMap(({ conflict }) => conflict ?? []),
    notes: outcomes.flatMap(({ notes = [] }) => notes),
  };
}

function rendered(tree: Given, path: string): GivenFile | undefined {
  const file = tree.get(path);
  return file?.once === true ? undefined : file;
}

function isSame(a: GivenFile | undefined, b: GivenFile | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.mode === b.mode && sameText(a.content, b.content);
}

interface Sides {
  readonly base: GivenFile | undefined;
  readonly theirs: GivenFile | undefined;
}

async function mergeFile(path: string, sides: Sides, input: MergeInput): Promise<Outcome> {
  const { base, theirs } = sides;
  const before = input.disk(path);
  if (theirs === undefined) return base === undefined ? {} : withdraw(path, base, before);
  if (path.startsWith(records)) return keepRecord(path, theirs, before);
  if (base === undefined) return introduce(path, theirs, before, input);
  if (before === undefined) return stayDeleted(path);
  return update(path, { base, theirs, before }, input);
}

/** A file that the generator no longer gives. */
function withdraw(path: string, base: GivenFile, before: DiskFile | undefined): Outcome {
  if (before === undefined) return {};
  if (!sameText(base.content, before.content)) {
    const reason = `${path} is no longer needed, and was kept because you edited it.`;
    return { notes: [{ path, kind: 'kept', reason }] };
  }
  const reason = `${path} is no longer needed, and you had not edited it.`;
  return { change: { path, kind: 'delete', reason, before, after: undefined } };
}

function keepRecord(path: string, theirs: GivenFile, before: DiskFile | undefined): Outcome {
  const content = bytesOf(theirs.content);
  if (before !== undefined && Buffer.compare(before.content, content) === 0) return {};
  const after = before === undefined ? { content, mode: theirs.mode } : { content };
  const reason = `${path} is what shipkit remembers of this project.`;
  return { change: { path, kind: 'record', reason, before, after } };
}

/** A file that is new. Its path may be the owner's already: then nothing is overwritten. */
function introduce(
  path: string,
  theirs: GivenFile,
  before: DiskFile | undefined,
  { allowConflicts = false }: MergeInput,
): Outcome {
  if (before === undefined) {
    const after = { content: bytesOf(theirs.content), mode: theirs.mode };
    return { change: { path, kind: 'create', reason: `${path} is new.`, before, after } };
  }
  if (sameText(before.content, theirs.content)) return {};
  const reason = `${path} is new, but a file of yours has this path: move or rename yours, then run this again.`;
  const [ours, news] = [textFile(before.content), textFile(theirs.content)];
  if (!allowConflicts || ours === undefined || news === undefined) {
    return { conflict: { path, kind: 'taken', reason, lines: [1] } };
  }
  const { text, conflicts } = markDifferences(ours.text, news.text);
  const after = { content: inFormOf(ours, text) };
  return {
    change: { path, kind: 'conflict', reason, before, after },
    conflict: { path, kind: 'taken', reason, lines: conflicts },
  };
}

function stayDeleted(path: string): Outcome {
  const reason = `You deleted ${path}, and it stays deleted: what changes in it was left out.`;
  return { notes: [{ path, kind: 'deleted', reason }] };
}

interface Standing {
  readonly base: GivenFile;
  readonly theirs: GivenFile;
  readonly before: DiskFile;
}

async function update(path: string, standing: Standing, input: MergeInput): Promise<Outcome> {
  const { base, theirs, before } = standing;
  const mode = mergedMode(base.mode, before.mode, theirs.mode);
  const settled = [base.content, before.content].some((it) => sameText(it, theirs.content));
  if (settled) return chmod(path, before, mode);

  const ours = textFile(before.content);
  const [old, news] = [textFile(base.content), textFile(theirs.content)];
  const isText = old !== undefined && ours !== undefined && news !== undefined;
  if (sameText(base.content, before.content)) {
    const content = isText ? inFormOf(ours, news.text) : bytesOf(theirs.content);
    return replace(path, before, { content, ...mode });
  }
  if (!isText) return notText(path);
  const three = { base: old.text, ours: ours.text, theirs: news.text };
  const { kind, merged } = await mergeByKind(path, three, input.mergeText);
  return mergedOutcome(path, { kind, merged, ours, before, mode }, input);
}

function replace(path: string, before: DiskFile, after: NewFile): Outcome {
  const reason = `${path} changes, and you had not edited it.`;
  return { change: { path, kind: 'replace', reason, before, after } };
}

function notText(path: string): Outcome {
  const reason = `${path} changes, and what stands there is not UTF-8 text, so that it cannot be merged: move yours away, then run this again.`;
  return { conflict: { path, kind: 'binary', reason, lines: [] } };
}

/** The permissions that changed, laid into those that stand; nothing where they are so already. */
function mergedMode(base: number, ours: number, theirs: number): { mode?: number } {
  const mode = (ours & ~(base & ~theirs)) | (theirs & ~base);
  return mode === ours ? {} : { mode };
}

function chmod(path: string, before: DiskFile, mode: { mode?: number }): Outcome {
  if (mode.mode === undefined) return {};
  const after = { content: before.content, ...mode };
  const reason = `${path} changes its permissions.`;
  return { change: { path, kind: 'mode', reason, before, after } };
}

async function mergeByKind(
  path: string,
  three: ThreeTexts,
  mergeText: MergeText,
): Promise<{ kind: Kind; merged: Merged }> {
  const kind = kindOf(path);
  const special = kind === 'list' ? mergeList(three) : undefined;
  const merged = kind === 'json' ? mergeJson(three) : special;
  if (merged !== undefined) return { kind, merged };
  const text = await mergeText(three.base, three.ours, three.theirs);
  return { kind: 'text', merged: { ...text, notes: [] } };
}

interface MergedFile {
  readonly kind: Kind;
  readonly merged: Merged;
  readonly ours: TextFile;
  readonly before: DiskFile;
  readonly mode: { mode?: number };
}

function mergedOutcome(
  path: string,
  { kind, merged, ours, before, mode }: MergedFile,
  { allowConflicts = false }: MergeInput,
): Outcome {
  const notes = merged.notes.map((note) => ({ ...note, path, reason: `${path}: ${note.reason}` }));
  const after = { content: inFormOf(ours, merged.text), ...mode };
  if (merged.conflicts.length === 0) {
    if (merged.text === ours.text) return { ...chmod(path, before, mode), notes };
    const reason = `${path} has your edits and shipkit's.`;
    return { notes, change: { path, kind: 'merge', reason, before, after } };
  }
  const lines = allowConflicts ? merged.conflicts : linesIn(ours.text, merged);
  const where = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
  const place = `You and shipkit changed the same place in ${path} (${where}).`;
  const reason = [place, ...(merged.advice ?? [])].join(' ');
  const conflict = { path, kind, reason, lines };
  if (!allowConflicts) return { notes, conflict };
  return { notes, conflict, change: { path, kind: 'conflict', reason, before, after } };
}
