import type { MergedText } from './change.ts';
import { hunksOf, linesOf } from './lines.ts';

/** One conflict, as git writes it: yours, what both came from where it is known, and shipkit's. */
export function markedBlock(
  yours: readonly string[],
  shipkits: readonly string[],
  base?: readonly string[],
): string[] {
  const middle = base === undefined ? [] : ['||||||| base\n', ...ended(base)];
  const block = ['<<<<<<< yours\n', ...ended(yours), ...middle];
  return [...block, '=======\n', ...ended(shipkits), '>>>>>>> shipkit\n'];
}

/** Two versions in one text, with conflict markers wherever they differ. */
export function markDifferences(yours: string, shipkits: string): MergedText {
  const old = linesOf(yours);
  const lines: string[] = [];
  const conflicts: number[] = [];
  let at = 0;
  for (const { from, removed, added } of hunksOf(old, linesOf(shipkits))) {
    lines.push(...old.slice(at, from));
    conflicts.push(lines.length + 1);
    lines.push(...markedBlock(removed, added));
    at = from + removed.length;
  }
  return { text: [...lines, ...old.slice(at)].join(''), conflicts };
}

/** Where the conflicts of a marked text lie in the text as its owner has it. */
export function linesIn(yours: string, { text, conflicts }: MergedText): number[] {
  const hunks = hunksOf(linesOf(yours), linesOf(text));
  const lines = conflicts.map((line) => {
    const hunk = hunks.findLast(({ to }) => to < line);
    if (hunk === undefined) return line;
    const inHunk = line - 1 < hunk.to + hunk.added.length;
    return inHunk
      ? hunk.from + 1
      : line - hunk.to - hunk.added.length + hunk.from + hunk.removed.length;
  });
  return [...new Set(lines)];
}

/** Every line of a block ends, the last one of its file too. */
function ended(lines: readonly string[]): string[] {
  return lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
}
