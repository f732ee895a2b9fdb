import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MergedText, MergeText } from '../merge/change.ts';
import { exitCodes, precondition, Problem } from '../problem.ts';
import { fsProblem } from './fs-problem.ts';
import { lastLine, run, type RunResult } from './run.ts';

const labels = ['-L', 'yours', '-L', 'base', '-L', 'shipkit'];
const begin = '<<<<<<< yours';

/**
 * The three-way merge of git (`git merge-file`, zdiff3 markers), in a temporary folder that goes
 * again. The texts have LF.
 *
 * @throws Problem (exit code 3) when git is not installed; the signal's reason when it is aborted
 */
export function threeWay(signal: AbortSignal): MergeText {
  return async (base, ours, theirs) => {
    const folder = temporaryFolder();
    try {
      writeFileSync(path.join(folder, 'ours'), ours);
      writeFileSync(path.join(folder, 'base'), base);
      writeFileSync(path.join(folder, 'theirs'), theirs);
      const result = await mergeFile(folder, signal);
      return outcome(result, readFileSync(path.join(folder, 'ours'), 'utf8'), ours);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(path.join(tmpdir(), 'shipkit-merge-'));
  } catch (error) {
    throw fsProblem(error, tmpdir()) ?? error;
  }
}

/** Git before 2.35 does not know zdiff3; its diff3 says the same with more lines. */
async function mergeFile(folder: string, signal: AbortSignal): Promise<RunResult> {
  const git = (style: string) =>
    run('git', ['merge-file', style, ...labels, 'ours', 'base', 'theirs'], {
      cwd: folder,
      signal,
      env: environment(),
    });
  const result = await git('--zdiff3');
  return !result.ok && result.all.includes('unknown option') ? git('--diff3') : result;
}

/** Git ends with the number of conflicts, or with another code and the text left as it was. */
function outcome(result: RunResult, text: string, ours: string): MergedText {
  if (result.missing) {
    throw precondition(
      'Your edits have to be merged with git, and git is not installed: install it, then run this again.',
      'no-git',
    );
  }
  const conflicts = result.ok ? [] : newConflicts(text, ours);
  if (!result.ok && conflicts.length === 0) {
    throw new Problem(
      exitCodes.unexpected,
      'merge-failed',
      `Git could not merge a file: ${lastLine(result.all) || 'it gave no reason'}.`,
    );
  }
  return { text, conflicts };
}

/** The lines of the markers; one that its owner had left in the text is none. */
function newConflicts(text: string, ours: string): number[] {
  const left = ours.split('\n').filter((line) => line === begin).length;
  const lines = text.split('\n').flatMap((line, index) => (line === begin ? [index + 1] : []));
  return lines.length > left ? lines : [];
}

/** Neither a repository that a hook is at work in nor a language may change what git says. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), LC_ALL: 'C' };
}
