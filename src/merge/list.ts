// Merges files that are lists: unique lines, one entry a line. A text merge cannot do this: where
// both sides add an import and an entry it sees a conflict, and a union of both is a broken file.
import type { Merged, ThreeTexts } from './change.ts';
import {
  indentedLike,
  isEntry,
  isUnique,
  type Line,
  listHunks,
  type ListHunk,
  listLines,
} from './list-lines.ts';
import { markedBlock } from './marks.ts';
import { traceOf } from './traces.ts';

/** What is to be done for one hunk. */
interface Step extends ListHunk {
  /** The lines of the hunk that the owner does not have yet. */
  readonly wanted: readonly Line[];
  /** Those that should go and are not there. */
  readonly missing: readonly Line[];
  /** Lines of the owner's in which something of those still stands, where nothing replaces it. */
  readonly traces: readonly Line[];
  readonly contradicts: boolean;
}

/** Where a step's lines will stand; for a conflict, with the lines themselves. */
interface Block {
  readonly step: Step;
  /** The line that stood there, as the generator had it and as its owner has it. */
  readonly was?: { readonly base: Line; readonly ours: Line };
  readonly marked?: readonly string[];
}

type Item = Line | Block;

/**
 * Lays what changed between `base` and `theirs` into `ours`, line by line; nothing else is touched.
 *
 * A line goes wherever it stands. Added lines take the place of those that they replace, or follow
 * the nearest line above them in `theirs` that stands, or precede the nearest below, in the same
 * paragraph (no blank line between); only a paragraph that is new goes beside another. A line that
 * stands already is not added again. A hunk that finds no place, replaces a line that is no longer
 * there, or takes one that stands within another line, is a conflict. How a formatter lays out a
 * line makes no difference.
 *
 * @returns undefined when what changed is not made of unique lines: then it is no list
 */
export function mergeList({ base, ours, theirs }: ThreeTexts): Merged | undefined {
  const after = listLines(theirs);
  const hunks = listHunks(listLines(base), after);
  if (hunks === undefined) return undefined;

  const document: Item[] = listLines(ours);
  const steps = stepsFor(hunks, document);
  for (const step of steps) remove(step, document);
  for (const step of steps) add(step, document, after);
  for (const step of steps) markTraces(step, document);

  const gone = steps.flatMap(({ contradicts, traces, missing }) =>
    contradicts || traces.length > 0 ? [] : missing,
  );
  const notes = gone.map(({ text }) => ({
    kind: 'gone' as const,
    reason: `"${text.trim()}" was to go and is not there: if you rewrote it, take it out by hand.`,
  }));
  return { ...joined(document, ours === '' ? theirs : ours), notes, advice: adviceOn(document) };
}

/** What the owner can do about each conflict. */
function adviceOn(document: readonly Item[]): string[] {
  const steps = new Set(document.flatMap((item) => ('step' in item ? item.step : [])));
  return [...steps].flatMap(({ wanted, missing }) => [
    ...(missing.length > 0 ? [`Take out by hand what is left of ${quoted(missing)}.`] : []),
    ...(wanted.length > 0 ? [`Add by hand, each on a line of its own: ${quoted(wanted)}.`] : []),
  ]);
}

function quoted(lines: readonly Line[]): string {
  return lines.flatMap((line) => (isEntry(line) ? `"${line.text.trim()}"` : [])).join(', ');
}

function stepsFor(hunks: readonly ListHunk[], document: readonly Item[]): Step[] {
  const standing = new Set(keysOf(linesOf(document)));
  const removed = new Set(hunks.flatMap((hunk) => keysOf(hunk.removed)));
  const added = new Set(hunks.flatMap((hunk) => keysOf(hunk.added)));
  const taken = hunks.flatMap((hunk) => hunk.removed).filter(({ key }) => !added.has(key));
  const staying = linesOf(document).filter(({ key }) => !removed.has(key));
  return hunks.map((hunk) => {
    const missing = hunk.removed.filter(
      (line) => isEntry(line) && !standing.has(line.key) && !added.has(line.key),
    );
    // A line that moved is taken away and put back, unless its owner had taken it away for good.
    const wanted = hunk.added.filter(
      (line) => !isEntry(line) || standing.has(line.key) === removed.has(line.key),
    );
    const replaces = wanted.some((line) => isEntry(line));
    const traces = replaces ? [] : missing.flatMap((line) => traceOf(line, taken, staying) ?? []);
    return { ...hunk, wanted, missing, traces, contradicts: replaces && missing.length > 0 };
  });
}

function keysOf(lines: readonly Line[]): string[] {
  return lines.map(({ key }) => key);
}

/** Takes the removed lines away; the first leaves its place to what replaces it. */
function remove(step: Step, document: Item[]): void {
  if (step.contradicts) return;
  removeBlanks(step, document);
  let placed = !step.wanted.some((line) => isEntry(line));
  for (const base of step.removed.filter((line) => isEntry(line))) {
    for (let at = placeOf(base, document); at !== -1; at = placeOf(base, document)) {
      const [ours = base] = linesOf(document.slice(at, at + 1));
      document.splice(at, 1, ...(placed ? [] : [{ step, was: { base, ours } }]));
      placed = true;
    }
  }
}

/** A blank line that goes is known by the removed entry that it stands beside. */
function removeBlanks({ removed }: Step, document: Item[]): void {
  const standing = (line: Line | undefined) =>
    line === undefined || !isEntry(line) ? -1 : placeOf(line, document);
  for (const [index, line] of removed.entries()) {
    if (isEntry(line)) continue;
    const next = standing(removed[index + 1]);
    const previous = standing(removed[index - 1]);
    if (next > 0 && isBlank(document[next - 1])) document.splice(next - 1, 1);
    else if (previous !== -1 && isBlank(document[previous + 1])) document.splice(previous + 1, 1);
  }
}

function add(step: Step, document: Item[], after: readonly Line[]): void {
  if (!step.wanted.some((line) => isEntry(line))) return;
  const held = document.findIndex((item) => 'step' in item && item.step === step);
  const block = document[held];
  if (block !== undefined && 'was' in block && block.was !== undefined) {
    const { base, ours } = block.was;
    document.splice(held, 1, ...step.wanted.map((line) => indentedLike(line, base, ours)));
    return;
  }
  const neighbour = step.contradicts ? undefined : neighbourOf(step, document, after);
  if (neighbour === undefined) addConflict(step, document, after);
  else addBeside(step, neighbour, document);
}

/** A line that stands, beside which the lines of a step belong. */
interface Neighbour {
  readonly line: Line;
  readonly side: 'above' | 'below';
}

function addBeside({ wanted }: Step, { line, side }: Neighbour, document: Item[]): void {
  const at = placeOf(line, document);
  const [standing = line] = linesOf(document.slice(at, at + 1));
  const lines = wanted.map((one) => indentedLike(one, line, standing));
  // Above a line, the blank that parts the two comes last.
  const entry = lines.findIndex((one) => isEntry(one));
  const blankLast = [...lines.slice(entry), ...lines.slice(0, entry)];
  document.splice(side === 'above' ? at + 1 : at, 0, ...(side === 'above' ? lines : blankLast));
}

function neighbourOf(
  step: Step,
  document: readonly Item[],
  after: readonly Line[],
): Neighbour | undefined {
  const { before, behind } = around(step, after);
  const find = (lines: readonly Line[], side: Neighbour['side']) => {
    const line = lines.find((one) => isAnchor(one, document, after));
    return line && { line, side };
  };
  const within = find(paragraphIn(before), 'above') ?? find(paragraphIn(behind), 'below');
  if (within !== undefined || !opensParagraph(step, before)) return within;
  // Below, looking past a line that does not stand could end in the midst of something else.
  const next = behind.filter((line) => isEntry(line)).slice(0, 1);
  return find(before, 'above') ?? find(next, 'below');
}

/** Whether a step's lines are set apart from those before them. */
function opensParagraph({ added }: Step, before: readonly Line[]): boolean {
  return [added[0], before[0]].some((line) => line !== undefined && !isEntry(line));
}

/** The lines before a step in `theirs`, the nearest first, and those behind it. */
function around({ to, added }: Step, after: readonly Line[]) {
  return { before: after.slice(0, to).toReversed(), behind: after.slice(to + added.length) };
}

/** The lines up to the first blank one. */
function paragraphIn(lines: readonly Line[]): readonly Line[] {
  const end = lines.findIndex((line) => !isEntry(line));
  return end === -1 ? lines : lines.slice(0, end);
}

/** Whether a place can be told by the line: it stands, and is unique on both sides. */
function isAnchor(line: Line, document: readonly Item[], after: readonly Line[]): boolean {
  return isEntry(line) && isUnique(line, linesOf(document)) && isUnique(line, after);
}

/** Marks the owner's lines between those that stand around the hunk. */
function addConflict(step: Step, document: Item[], after: readonly Line[]): void {
  const { before, behind } = around(step, after);
  const find = (lines: readonly Line[]) => {
    const line = lines.find((one) => isAnchor(one, document, after));
    return line === undefined ? -1 : placeOf(line, document);
  };
  const [above, below] = [find(before), find(behind)];
  const end = below === -1 ? document.length : below;
  const start = above === -1 ? end : above + 1;
  const between = document.slice(start, end);
  // Another conflict in between is not marked a second time.
  const yours = between.every((item) => 'key' in item) ? linesOf(between) : [];
  const texts = [yours, step.wanted, step.removed].map((some) => some.map(({ text }) => text));
  const marked = markedBlock(texts[0] ?? [], texts[1] ?? [], texts[2]);
  const at = yours.length > 0 ? start : Math.max(start, end);
  document.splice(at, yours.length, { step, marked: marked.map((line) => line.slice(0, -1)) });
}

/** Marks each line of the owner's in which something still stands that was to go. */
function markTraces(step: Step, document: Item[]): void {
  for (const trace of step.traces) {
    const at = document.indexOf(trace);
    if (at === -1) continue;
    const marked = markedBlock(
      [trace.text],
      [],
      step.missing.map(({ text }) => text),
    );
    document.splice(at, 1, { step, marked: marked.map((line) => line.slice(0, -1)) });
  }
}

function placeOf({ key }: Line, document: readonly Item[]): number {
  return document.findIndex((item) => 'key' in item && item.key === key);
}

function linesOf(document: readonly Item[]): Line[] {
  return document.filter((item) => 'key' in item);
}

function isBlank(item: Item | undefined): boolean {
  return item !== undefined && 'key' in item && !isEntry(item);
}

function joined(document: readonly Item[], like: string) {
  const lines: string[] = [];
  const conflicts: number[] = [];
  for (const item of document) {
    if ('key' in item) {
      lines.push(item.text);
    } else {
      conflicts.push(lines.length + 1);
      lines.push(...(item.marked ?? []));
    }
  }
  const end = lines.length > 0 && like.endsWith('\n') ? '\n' : '';
  return { text: lines.join('\n') + end, conflicts };
}
