// The commands that mend what doctor finds, as far as they are not shipkit's own.
import { Problem } from '../../problem.ts';
import { gitOutput, repositoryOf } from '../../project/undo.ts';
import type { Tree } from '../../render/tree.ts';

/** Where a file of a project can be had from again. */
export interface Sources {
  /** The files that git has; undefined where there is no repository. */
  readonly tracked: ReadonlySet<string> | undefined;
  /** What was generated. */
  readonly base: Tree;
}

/** The files of a project that git can bring back; undefined where it cannot be asked. */
export async function trackedFiles(
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  if (repositoryOf(folder) === undefined) return undefined;
  try {
    return new Set((await gitOutput(folder, signal, ['ls-files', '-z', '--', '.'])).split('\0'));
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/**
 * Brings a file or a folder back: from git, or from what was generated, or from the commit before
 * the one that took it away. Undefined where nobody has it any more.
 */
export function restoring({ tracked, base }: Sources, file: string): string | undefined {
  const isIn = (files: Iterable<string>) =>
    [...files].some((one) => one === file || one.startsWith(`${file}/`));
  if (tracked !== undefined && isIn(tracked)) return `git restore ${file}`;
  if (isIn(base.keys())) return `shipkit diff ${file} | git apply -R`;
  if (tracked === undefined) return undefined;
  return `git checkout "$(git rev-list -n 1 HEAD -- ${file})^" -- ${file}`;
}

/** Opens a place of which only a person can say what it is to be. */
export function editing(file: string, line?: number): string {
  if (process.platform === 'win32') return `notepad ${file}`;
  return `\${EDITOR:-vi} ${line === undefined ? '' : `+${line} `}${file}`;
}
