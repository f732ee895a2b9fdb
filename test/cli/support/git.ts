// Git in a project, for somebody who has nothing set up.
import { execaSync } from 'execa';
import { strangersEnvironment } from './cli.ts';

/** Runs git, where it must succeed; what it prints. */
export function git(folder: string, ...args: string[]): string {
  const { exitCode, stdout, stderr } = tryGit(folder, ...args);
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Runs git, where it may fail. */
export function tryGit(folder: string, ...args: string[]) {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  const env = strangersEnvironment(folder);
  const options = { cwd: folder, env, extendEnv: false, reject: false } as const;
  return execaSync('git', [...identity, ...args], options);
}

/** Commits all that stands in a project. */
export function commit(folder: string, message = 'change'): void {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', message);
}
