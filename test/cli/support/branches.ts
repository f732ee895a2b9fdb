import { expect } from 'vitest';
import { commit, git, tryGit } from './git.ts';

/** Makes branches from where a project stands, each with one change; the last stays checked out. */
export async function makeBranches(
  folder: string,
  changes: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  const start = git(folder, 'branch', '--show-current');
  for (const [branch, change] of Object.entries(changes)) {
    git(folder, 'checkout', '-q', start);
    git(folder, 'checkout', '-q', '-b', branch);
    await change();
    commit(folder, branch);
  }
}

/** Makes two branches that each add a domain, and leaves the project as git leaves their merge. */
export async function mergeBranches(
  folder: string,
  add: (domain: string) => Promise<void>,
): Promise<void> {
  await makeBranches(folder, { one: () => add('customers'), two: () => add('tickets') });
  expect(tryGit(folder, 'merge', 'one').exitCode).toBe(1);
}
