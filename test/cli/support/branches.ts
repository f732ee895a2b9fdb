import { execaSync } from 'execa';
import { expect } from 'vitest';
import { strangersEnvironment } from './cli.ts';

/** Runs git in a project, as somebody who has nothing set up. */
export function git(folder: string, ...args: string[]) {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  const env = strangersEnvironment(folder);
  return execaSync('git', [...identity, ...args], {
    cwd: folder,
    env,
    extendEnv: false,
    reject: false,
  });
}

/** Makes two branches that each add a domain, and leaves the project as git leaves their merge. */
export async function mergeBranches(
  folder: string,
  add: (domain: string) => Promise<void>,
): Promise<void> {
  const start = git(folder, 'branch', '--show-current').stdout;
  for (const [branch, domain] of Object.entries({ one: 'customers', two: 'tickets' })) {
    git(folder, 'checkout', '-q', start);
    git(folder, 'checkout', '-q', '-b', branch);
    await add(domain);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', branch);
  }
  expect(git(folder, 'merge', 'one').exitCode).toBe(1);
}
