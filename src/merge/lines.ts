import { diffArrays } from 'diff/lib/diff/array.js';

/** A run of lines that differs between two texts. */
export interface Hunk {
  /** Where it begins in the first text, counted from 0. */
  readonly from: number;
  readonly removed: readonly string[];
  /** Where it begins in the second text, counted from 0. */
  readonly to: number;
  readonly added: readonly string[];
}

/** The lines of a text, each with its line break; the last one may have none. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What differs between two texts, line by line, in order. */
export function hunksOf(before: readonly string[], after: readonly string[]): Hunk[] {
  const hunks: { from: number; removed: string[]; to: number; added: string[] }[] = [];
  let [from, to] = [0, 0];
  let inHunk = false;
  for (const { value, added, removed } of diffArrays([...before], [...after])) {
    const differs = added || removed;
    if (differs && !inHunk) hunks.push({ from, removed: [], to, added: [] });
    inHunk = differs;
    if (added) hunks.at(-1)?.added.push(...value);
    if (removed) hunks.at(-1)?.removed.push(...value);
    if (!added) from += value.length;
    if (!removed) to += value.length;
  }
  return hunks;
}
