import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff/lib/patch/create.js';
import { binaryPatch } from './binary-patch.ts';
import type { Change, NewFile } from './change.ts';
import { textFile } from './text.ts';

/**
 * The changes as git would show them, so that `git apply` makes them: new and deleted files and
 * permissions (a program or not) included.
 *
 * @param binary whether what is no text is there whole, for a program; otherwise it is named
 */
export function unifiedDiff(changes: readonly Change[], { binary }: { binary: boolean }): string {
  return changes.map((change) => diffOf(change, binary)).join('');
}

function diffOf({ path, before, after }: Change, binary: boolean): string {
  const [a, b] = [`a/${path}`, `b/${path}`];
  const modes = modeLines(before, after);
  const header = [`diff --git ${a} ${b}`, ...modes, ''].join('\n');
  const [from, to] = [textIn(before), textIn(after)];
  if (from === undefined || to === undefined) {
    if (binary) return header + binaryPatch(before?.content, after?.content);
    return `${header}Binary files ${a} and ${b} differ\n`;
  }
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
