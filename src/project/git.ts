import { exitCodes, Problem } from '../problem.ts';
import { fsProblem } from './fs-problem.ts';
import { lastLine, run, type RunResult } from './run.ts';

// From inside a hook these point at the repository of the hook.
const foreign = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX']);

export type GitOutcome =
  | { readonly state: 'committed' }
  | { readonly state: 'skipped' | 'failed'; readonly reason: string };

interface GitOptions {
  readonly signal: AbortSignal;
  readonly message: string;
}

/** Whether a project in this folder would lie in somebody else's repository. */
export async function isInsideWorkTree(folder: string, signal: AbortSignal): Promise<boolean> {
  const result = await git(folder, signal, ['rev-parse', '--is-inside-work-tree']);
  return result.ok && result.stdout.trim() === 'true';
}

/** Makes the folder a repository with one commit of all that is in it. */
export async function initRepository(
  folder: string,
  { signal, message }: GitOptions,
): Promise<GitOutcome> {
  const branch = await git(folder, signal, ['config', '--get', 'init.defaultBranch']);
  if (branch.missing) return { state: 'skipped', reason: 'git is not installed' };
  const initial = branch.ok ? [] : ['--initial-branch=main'];
  const made = await git(folder, signal, ['init', '--quiet', ...initial]);
  if (!made.ok) return failure(made, folder);
  return commitAll(folder, { signal, message });
}

/** Commits everything in the folder's repository, in the user's name where git knows it. */
export async function commitAll(
  folder: string,
  { signal, message }: GitOptions,
): Promise<GitOutcome> {
  const added = await git(folder, signal, ['add', '--all']);
  if (!added.ok) return failure(added, folder);
  const identity = [
    ...(await fallback(folder, signal, 'user.name', 'GIT_AUTHOR_NAME', 'create-shipkit')),
    ...(await fallback(
      folder,
      signal,
      'user.email',
      'GIT_AUTHOR_EMAIL',
      'create-shipkit@localhost',
    )),
  ];
  const unsigned = ['-c', 'commit.gpgSign=false', '-c', 'gc.auto=0'];
  const commit = ['commit', '--quiet', '--no-verify', '--message', message];
  const committed = await git(folder, signal, [...identity, ...unsigned, ...commit]);
  return committed.ok ? { state: 'committed' } : failure(committed, folder);
}

async function fallback(
  folder: string,
  signal: AbortSignal,
  ...[key, variable, value]: [key: string, variable: string, value: string]
): Promise<string[]> {
  if (process.env[variable] !== undefined) return [];
  const configured = await git(folder, signal, ['config', '--get', key]);
  return configured.ok ? [] : ['-c', `${key}=${value}`];
}

function failure(result: RunResult, folder: string): GitOutcome {
  if (result.missing) return { state: 'skipped', reason: 'git is not installed' };
  if (/No space left on device/i.test(result.all)) {
    const full = Object.assign(new Error(result.all), { code: 'ENOSPC' });
    throw fsProblem(full, folder) ?? new Problem(exitCodes.unexpected, 'disk-full', result.all);
  }
  return { state: 'failed', reason: lastLine(result.all) };
}

async function git(cwd: string, signal: AbortSignal, args: readonly string[]): Promise<RunResult> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !foreign.has(name)),
  );
  return run('git', args, { cwd, signal, env });
}
