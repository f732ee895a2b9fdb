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
 * the nearest line above them in `theirs` that stands, or precede the nearest below; a line of the
 * same paragraph (no blank line between) is nearer than any other. A line that stands already is
 * not added again. A hunk that finds no place, or replaces a line that is no longer there, is a
 * conflict.
 *
 * @returns undefined when what changed is not made of unique lines: then it is no list
 */
export function mergeList({ base, ours, theirs }: ThreeTexts): Merged | undefined {
  const [before, after] = [split(base), split(theirs)];
  const hunks = hunksOf(before, after);
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
  const place = placeOf(step, document, after);
  if (place === undefined || step.contradicts) addConflict(step, document, after);
  else document.splice(place, 0, ...step.wanted);
}

function placeOf(step: Step, document: Item[], after: readonly string[]): number | undefined {
  return (
    above(step, document, { after, paragraph: true }) ??
    below(step, document, { after, paragraph: true }) ??
    above(step, document, { after, paragraph: false }) ??
    below(step, document, { after, paragraph: false })
  );
}

interface Context {
  readonly after: readonly string[];
  /** Whether the search ends at a blank line. */
  readonly paragraph: boolean;
}

function above({ to }: Step, document: Item[], context: Context): number | undefined {
  const at = nearest(context.after.slice(0, to).toReversed(), document, context);
  return at === undefined ? undefined : at + 1;
}

function below({ to, added }: Step, document: Item[], context: Context): number | undefined {
  return nearest(context.after.slice(to + added.length), document, context);
}

/** Where the first of the lines stands that is unique on both sides. */
function nearest(
  lines: readonly string[],
  document: Item[],
  { after, paragraph }: Context,
): number | undefined {
  for (const line of lines) {
    if (isBlank(line) && paragraph) return undefined;
    const unique = standsOnce(line, document) && standsOnce(line, after);
    if (unique && isEntry(line)) return document.indexOf(line);
  }
  return undefined;
}

/** Marks the owner's lines between those that stand around the hunk. */
function addConflict(step: Step, document: Item[], after: readonly string[]): void {
  const context = { after, paragraph: false };
  const end = below(step, document, context);
  const start = above(step, document, context) ?? end ?? document.length;
  const yours = document.slice(start, Math.max(start, end ?? start));
  const lines = yours.flatMap((item) => (typeof item === 'string' ? [item] : item.lines));
  document.splice(start, yours.length, {
    step,
    lines: markedBlock(lines, step.wanted, step.removed).map((line) => line.replace(/\n$/, '')),
  });
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
