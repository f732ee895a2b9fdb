// Merges files that are lists: unique lines, one entry a line. A text merge cannot do this: where
// both sides add an import and an entry it sees a conflict, and a union of both is a broken file.
import type { Merged, ThreeTexts } from './change.ts';
import { type Hunk, hunksOf } from './lines.ts';
import { markedBlock } from './marks.ts';

/** What is to be done for one hunk. */
interface Step extends Hunk {
  /** The lines of the hunk that the owner does not have yet. */
  readonly wanted: readonly string[];
  /** Those that should go and are not there. */
  readonly missing: readonly string[];
  readonly contradicts: boolean;
}

/** Lines that stand in for a step's place, or for a conflict. */
interface Block {
  readonly step: Step;
  readonly lines: readonly string[];
}

type Item = string | Block;

/**
 * Lays what changed between `base` and `theirs` into `ours`, line by line; nothing else is touched.
 *
 * A line goes wherever it stands. Added lines take the place of those that they replace, or follow
 * the nearest line above them in `theirs` that stands, or precede the nearest below; one of the
 * same paragraph (no blank line between) comes before any other. A line that stands already is not
 * added again. A hunk that finds no place, or replaces a line that is no longer there, is a
 * conflict.
 *
 * @returns undefined when what changed is not made of unique lines: then it is no list
 */
export function mergeList({ base, ours, theirs }: ThreeTexts): Merged | undefined {
  const [before, after] = [split(base), split(theirs)];
  const hunks = hunksOf(before, after).map((hunk) => blankFirst(hunk, before, after));
  if (!hunks.every((hunk) => hasUniqueLines(hunk, before, after))) return undefined;

  const document: Item[] = split(ours);
  const steps = stepsFor(hunks, document);
  for (const step of steps) remove(step, document);
  for (const step of steps) add(step, document, after);

  const gone = steps.flatMap(({ contradicts, missing }) => (contradicts ? [] : missing));
  const notes = gone.map((line) => ({
    kind: 'gone' as const,
    reason: `"${line.trim()}" was to go and is gone already.`,
  }));
  return { ...joined(document, ours === '' ? theirs : ours), notes };
}

function split(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function isEntry(line: string): boolean {
  return !isBlank(line);
}

/**
 * The same hunk, with the blank line that parts it from the rest before it: where sections are
 * parted by blank lines, either of the two around a section can be the one that comes with it.
 */
function blankFirst(hunk: Hunk, before: readonly string[], after: readonly string[]): Hunk {
  const { from, to, removed, added } = hunk;
  const pure = added.length === 0 || removed.length === 0;
  const last = [...removed, ...added].at(-1);
  const line = before[from - 1];
  if (!pure || last === undefined || !isBlank(last) || line !== last || after[to - 1] !== last) {
    return hunk;
  }
  const slide = (lines: readonly string[]) =>
    lines.length === 0 ? lines : [line, ...lines.slice(0, -1)];
  return { from: from - 1, to: to - 1, removed: slide(removed), added: slide(added) };
}

function hasUniqueLines({ removed, added }: Hunk, before: string[], after: string[]): boolean {
  return (
    removed.every((line) => isBlank(line) || standsOnce(line, before)) &&
    added.every((line) => isBlank(line) || standsOnce(line, after))
  );
}

function standsOnce(line: string, lines: readonly Item[]): boolean {
  const at = lines.indexOf(line);
  return at !== -1 && at === lines.lastIndexOf(line);
}

function stepsFor(hunks: readonly Hunk[], document: readonly Item[]): Step[] {
  const standing = new Set(document);
  const removed = new Set(hunks.flatMap((hunk) => hunk.removed));
  const added = new Set(hunks.flatMap((hunk) => hunk.added));
  return hunks.map((hunk) => {
    const missing = hunk.removed.filter(
      (line) => isEntry(line) && !standing.has(line) && !added.has(line),
    );
    // A line that moved is taken away and put back, unless its owner had taken it away for good.
    const wanted = hunk.added.filter(
      (line) => isBlank(line) || standing.has(line) === removed.has(line),
    );
    const replaces = wanted.some((line) => isEntry(line));
    return { ...hunk, wanted, missing, contradicts: replaces && missing.length > 0 };
  });
}

/** Takes the removed lines away; the first leaves its place to what replaces it. */
function remove(step: Step, document: Item[]): void {
  if (step.contradicts) return;
  removeBlanks(step, document);
  let placed = !step.wanted.some((line) => isEntry(line));
  for (const line of step.removed.filter((it) => isEntry(it))) {
    for (let at = document.indexOf(line); at !== -1; at = document.indexOf(line)) {
      document.splice(at, 1, ...(placed ? [] : [{ step, lines: [] }]));
      placed = true;
    }
  }
}

/** A blank line that goes is known by the removed entry that it stands beside. */
function removeBlanks({ removed }: Step, document: Item[]): void {
  const isBlankAt = (at: number) => {
    const item = document[at];
    return typeof item === 'string' && isBlank(item);
  };
  const standingAt = (entry: string | undefined) =>
    entry === undefined || isBlank(entry) ? -1 : document.indexOf(entry);
  for (const [index, line] of removed.entries()) {
    if (isEntry(line)) continue;
    const next = standingAt(removed[index + 1]);
    const previous = standingAt(removed[index - 1]);
    if (next > 0 && isBlankAt(next - 1)) document.splice(next - 1, 1);
    else if (previous !== -1 && isBlankAt(previous + 1)) document.splice(previous + 1, 1);
  }
}

function add(step: Step, document: Item[], after: readonly string[]): void {
  if (!step.wanted.some((line) => isEntry(line))) return;
  const held = document.findIndex((item) => typeof item !== 'string' && item.step === step);
  if (held !== -1) {
    document.splice(held, 1, ...step.wanted);
    return;
  }
  const place = step.contradicts ? undefined : placeOf(step, document, after);
  if (place === undefined) addConflict(step, document, after);
  else document.splice(place.at, 0, ...(place.side === 'below' ? step.wanted : blankLast(step)));
}

/** Before a line, what parts the two comes last. */
function blankLast({ wanted }: Step): readonly string[] {
  const entry = wanted.findIndex((line) => isEntry(line));
  return [...wanted.slice(entry), ...wanted.slice(0, entry)];
}

interface Place {
  readonly at: number;
  /** On which side of the line that stands. */
  readonly side: 'above' | 'below';
}

function placeOf(step: Step, document: Item[], after: readonly string[]): Place | undefined {
  const before = after.slice(0, step.to).toReversed();
  const behind = after.slice(step.to + step.added.length);
  const find = (lines: readonly string[]) => lines.find((line) => isAnchor(line, document, after));

  const above = find(paragraphIn(before));
  if (above !== undefined) return { at: document.indexOf(above) + 1, side: 'below' };
  const below = find(paragraphIn(behind));
  if (below !== undefined) return { at: document.indexOf(below), side: 'above' };
  const farAbove = find(before);
  if (farAbove !== undefined) return { at: document.indexOf(farAbove) + 1, side: 'below' };
  // Looking past a line that does not stand could end in the midst of something else.
  const next = find(behind.filter((line) => isEntry(line)).slice(0, 1));
  return next === undefined ? undefined : { at: document.indexOf(next), side: 'above' };
}

/** The lines up to the first blank one. */
function paragraphIn(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => isBlank(line));
  return end === -1 ? lines : lines.slice(0, end);
}

/** Whether a place can be told by the line: it stands, and is unique on both sides. */
function isAnchor(line: string, document: readonly Item[], after: readonly string[]): boolean {
  return isEntry(line) && standsOnce(line, document) && standsOnce(line, after);
}

/** Marks the owner's lines between those that stand around the hunk. */
function addConflict(step: Step, document: Item[], after: readonly string[]): void {
  const find = (lines: readonly string[]) =>
    document.indexOf(lines.find((line) => isAnchor(line, document, after)) ?? '\n');
  const above = find(after.slice(0, step.to).toReversed());
  const below = find(after.slice(step.to + step.added.length));
  const end = below === -1 ? document.length : below;
  const start = above === -1 ? end : above + 1;
  const yours = document.slice(start, end);
  const lines = yours.flatMap((item) => (typeof item === 'string' ? [item] : item.lines));
  const block = markedBlock(lines, step.wanted, step.removed);
  document.splice(start, yours.length, { step, lines: block.map((line) => line.slice(0, -1)) });
}

function joined(document: readonly Item[], like: string) {
  const lines: string[] = [];
  const conflicts: number[] = [];
  for (const item of document) {
    if (typeof item !== 'string') conflicts.push(lines.length + 1);
    lines.push(...(typeof item === 'string' ? [item] : item.lines));
  }
  const end = lines.length > 0 && like.endsWith('\n') ? '\n' : '';
  return { text: lines.join('\n') + end, conflicts };
}
