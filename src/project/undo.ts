import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { precondition } from '../problem.ts';
import { codeOf } from './fs-problem.ts';
import { hasMarkers } from './sides.ts';

/** How a change can be taken back: by git, or not by it because the project is in no repository. */
export type Undo = 'git' | 'none';

/**
 * The commands that take everything in a project back to the last commit.
 *
 * @param folder the project's
 * @param from where they are going to be typed
 */
export function undoCommand(folder: string, from: string): string {
  const way = path.relative(from, folder);
  const git = way === '' ? 'git' : `git -C ${quoted(way)}`;
  return `${git} restore . && ${git} clean -fd`;
}

function quoted(text: string): string {
  if (/^[\w./@+-]+$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const named = 3;

/**
 * Sees to it that a change can be undone: in a git repository, the project must have nothing that
 * is not committed.
 *
 * @throws Problem (exit code 3) when it has, or when git is not installed
 */
export async function requireUndo(folder: string, signal: AbortSignal): Promise<Undo> {
  const repository = repositoryOf(folder);
  if (repository === undefined) return 'none';
  const files = changedFiles(await gitOutput(folder, signal, statusOf));
  if (files.length > 0) {
    const rest = files.length > named ? ` and ${files.length - named} more` : '';
    throw precondition(
      `There are changes that are not committed (${files.slice(0, named).join(', ')}${rest}): commit or stash them first, so that git can undo what this changes.`,
      'not-clean',
    );
  }
  if (repository === folder) return 'git';
  // Somebody else's repository may leave the project out of it.
  const known = await gitOutput(folder, signal, ['ls-files', '--', '.shipkit']);
  return known === '' ? 'none' : 'git';
}

const statusOf = ['status', '--porcelain', '-z', '--untracked-files=all', '--', '.'];

/** The top folder of the git repository that a folder lies in; undefined where there is none. */
export function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return undefined;
  }
}

/** With -z, a renamed file is followed by the name that it had. */
function changedFiles(status: string): string[] {
  const files: string[] = [];
  const entries = status.split('\0').filter((entry) => entry !== '');
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] ?? '';
    files.push(entry.slice(3));
    if (/^[RC]/.test(entry)) at++;
  }
  return files;
}

/**
 * What a git command that only looks says.
 *
 * @throws Problem (exit code 3) when git is not installed, or refuses to look
 */
export async function gitOutput(
  folder: string,
  signal: AbortSignal,
  args: readonly string[],
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { cwd: folder, signal, env: environment(), maxBuffer: 2 ** 28 };
  execFile('git', [...args], options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else if (codeOf(error) === 'ENOENT') reject(noGit());
    else reject(signal.aborted ? asError(signal.reason) : refused(folder, stderr));
  });
  return promise;
}

/** What a merge was made of: what the branches come from, this branch and the other one. */
export type Stage = 1 | 2 | 3;

/** A file as it is in the index while a merge is unresolved; undefined where git does not know one. */
export async function gitStage(
  folder: string,
  signal: AbortSignal,
  { stage, file }: { stage: Stage; file: string },
): Promise<string | undefined> {
  if (repositoryOf(folder) === undefined) return undefined;
  const listed = await gitOutput(folder, signal, ['ls-files', '--unmerged', '--', file]);
  const line = listed.split('\n').find((one) => one.split(/\s/)[2] === String(stage));
  const id = line?.split(/\s/)[1];
  return id === undefined ? undefined : gitOutput(folder, signal, ['cat-file', 'blob', id]);
}

/** The same, also where the merge was committed with its markers. */
export async function mergedSide(
  folder: string,
  signal: AbortSignal,
  { stage, file }: { stage: Stage; file: string },
): Promise<string | undefined> {
  const staged = await gitStage(folder, signal, { stage, file });
  if (staged !== undefined || repositoryOf(folder) === undefined) return staged;
  const ask = async (...args: string[]) => (await gitOutput(folder, signal, args)).trim();
  const inCommit = async (commit: string) => {
    const id = /^\d+ blob (\w+)/.exec(await ask('ls-tree', commit, file))?.[1];
    return id === undefined ? undefined : gitOutput(folder, signal, ['cat-file', 'blob', id]);
  };
  const merge = await ask('rev-list', '--merges', '-n', '1', 'HEAD');
  if (merge === '' || !hasMarkers((await inCommit(merge)) ?? '')) return undefined;
  const sides = { 2: `${merge}^1`, 3: `${merge}^2` };
  return inCommit(stage === 1 ? await ask('merge-base', sides[2], sides[3]) : sides[stage]);
}

function noGit(): Error {
  return precondition(
    'This project is in a git repository, and git is not installed: install it, so that a change can be undone.',
    'no-git',
  );
}

function refused(folder: string, stderr: string): Error {
  const reason = stderr.trim().split('\n')[0] ?? '';
  return precondition(
    `Git does not say whether ${folder} is clean (${reason}): mend that first.`,
    'git-failed',
  );
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** From inside a hook the variables of git point at the repository of the hook. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX)$/.test(name),
  );
  return { ...Object.fromEntries(own), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
}
