import { hunksOf } from './lines.ts';

/** A line of a list, and by what it is known whatever a formatter does to it. */
export interface Line {
  readonly text: string;
  /** Without spaces, kinds of quotes and what ends a line; empty for a blank one. */
  readonly key: string;
}

/** A run of lines that differs between two lists. */
export interface ListHunk {
  /** Where it begins in the second list, counted from 0. */
  readonly to: number;
  readonly removed: readonly Line[];
  readonly added: readonly Line[];
}

/** The lines of a text without their line breaks. */
export function listLines(text: string): Line[] {
  if (text === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => ({ text: line, key: keyOf(line) }));
}

/** Whether the line is an entry: anything but a blank line. */
export function isEntry({ key }: Line): boolean {
  return key !== '';
}

/** What differs between two lists; undefined when an entry that does stands twice in its list. */
export function listHunks(before: readonly Line[], after: readonly Line[]): ListHunk[] | undefined {
  const texts = [before, after].map((lines) => lines.map(({ text }) => text));
  const hunks = hunksOf(texts[0] ?? [], texts[1] ?? []).map(({ from, removed, to, added }) => {
    const [old, now] = [
      before.slice(from, from + removed.length),
      after.slice(to, to + added.length),
    ];
    return blankFirst({ to, removed: old, added: now }, before[from - 1]);
  });
  const unique = hunks.every(
    ({ removed, added }) =>
      removed.every((line) => !isEntry(line) || isUnique(line, before)) &&
      added.every((line) => !isEntry(line) || isUnique(line, after)),
  );
  return unique ? hunks : undefined;
}

/** Whether the list has the line, and once. */
export function isUnique({ key }: Line, lines: readonly Line[]): boolean {
  return lines.filter((line) => line.key === key).length === 1;
}

/** A line laid out as its neighbour is: where that is indented otherwise, so is the line. */
export function indentedLike(line: Line, theirs: Line, standing: Line): Line {
  const [from, to] = [indentOf(theirs), indentOf(standing)];
  if (!isEntry(line) || indentOf(line) !== from) return line;
  return { ...line, text: to + line.text.slice(from.length) };
}

function keyOf(text: string): string {
  if (text.trim() === '') return '';
  const bare = text.replaceAll(/\s/g, '').replaceAll(/["`]/g, "'");
  return bare.replace(/[;,]+$/, '') || bare;
}

function indentOf({ text }: Line): string {
  return /^\s*/.exec(text)?.[0] ?? '';
}

/**
 * The same hunk, with the blank line that parts it from the rest before it: where sections are
 * parted by blank lines, either of the two around a section can be the one that comes with it.
 */
function blankFirst(hunk: ListHunk, above: Line | undefined): ListHunk {
  const { to, removed, added } = hunk;
  const last = [...removed, ...added].at(-1);
  const pure = removed.length === 0 || added.length === 0;
  if (!pure || above === undefined || last === undefined || isEntry(above) || isEntry(last)) {
    return hunk;
  }
  const slide = (lines: readonly Line[]) =>
    lines.length === 0 ? lines : [above, ...lines.slice(0, -1)];
  return { to: to - 1, removed: slide(removed), added: slide(added) };
}
