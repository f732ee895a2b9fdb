import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { Change, NewFile } from './change.ts';
import { textFile } from './text.ts';

/** What no reader gets anything from: compressed, and rebuilt from the rest. */
const hidden = new Set(['.shipkit/base.br']);

/**
 * The changes as git would show them, so that `git apply` makes them: new and deleted files and
 * permissions (a program or not) included.
 */
export function unifiedDiff(changes: readonly Change[]): string {
  const shown = changes.filter(({ path }) => !hidden.has(path));
  return shown.map((change) => diffOf(change)).join('');
}

function diffOf({ path, before, after }: Change): string {
  const [a, b] = [`a/${path}`, `b/${path}`];
  const modes = modeLines(before, after);
  const header = [`diff --git ${a} ${b}`, ...modes, ''].join('\n');
  const [from, to] = [textIn(before), textIn(after)];
  if (from === undefined || to === undefined) return `${header}Binary files ${a} and ${b} differ\n`;
  if (from === to) return modes.length === 0 ? '' : header;
  const [fromName, toName] = [before ? a : '/dev/null', after ? b : '/dev/null'];
  const patch = structuredPatch(fromName, toName, from, to, undefined, undefined, { context: 3 });
  return header + formatPatch(patch, FILE_HEADERS_ONLY);
}

/** The text as the file has it; undefined when it is none. */
function textIn(file: NewFile | undefined): string | undefined {
  const text = textFile(file?.content ?? '');
  return text && (text.bom ? '\uFEFF' : '') + text.raw;
}

function modeLines(before: NewFile | undefined, after: NewFile | undefined): string[] {
  const [old, next] = [gitMode(before?.mode), gitMode(after?.mode ?? before?.mode)];
  if (before === undefined) return [`new file mode ${next}`];
  if (after === undefined) return [`deleted file mode ${old}`];
  return old === next ? [] : [`old mode ${old}`, `new mode ${next}`];
}

/** Git knows two kinds of files: those that can be run, and the others. */
function gitMode(mode = 0o644): string {
  return (mode & 0o100) === 0 ? '100644' : '100755';
}
