import type { Line } from './list-lines.ts';

/**
 * The owner's line in which something of a removed line still stands: the line itself within
 * another, the module that it takes something from, or a name that an import which goes with it had
 * given. Comments do not count.
 *
 * @param line a removed line that does not stand as it was
 * @param removed every line that goes from the list
 * @param staying the owner's lines that do not go
 */
export function traceOf(
  line: Line,
  removed: readonly Line[],
  staying: readonly Line[],
): Line | undefined {
  const names = removed.flatMap(importedBy).filter((name) => holds(line.key, name));
  const wholes = [...(/\w/.test(line.key) ? [line.key] : []), ...moduleIn(line)];
  return staying.find(
    ({ key }) => !/^(\/\/|#)/.test(key) && [...wholes, ...names].some((one) => holds(key, one)),
  );
}

function importedBy({ key }: Line): string[] {
  return /^import\{(.+)\}from/.exec(key)?.[1]?.split(',').filter(Boolean) ?? [];
}

/** The module that an import or export is from. */
function moduleIn({ key }: Line): string[] {
  return /^(?:import|export)\b.*from'([^']+)'$/.exec(key)?.slice(1) ?? [];
}

/** Whether a part stands in a text, not as a piece of a longer word. */
function holds(text: string, part: string): boolean {
  const literal = part.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w$])${literal}(?![\\w$])`).test(text);
}
