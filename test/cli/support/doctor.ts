import { expect } from 'vitest';
import { git } from './branches.ts';
import { project, shipkit } from './commands.ts';

interface Found {
  ok: boolean;
  findings: { check: string; severity: string; message: string; mend?: string; files?: string[] }[];
  fixed: string[];
}

/** Runs doctor, for what it found and mended. */
export async function doctor(
  folder: string,
  ...args: string[]
): Promise<Found & { exitCode?: number | undefined }> {
  const { stdout, exitCode } = await shipkit(['doctor', '--json', ...args], folder);
  return { ...(JSON.parse(stdout) as Found), exitCode };
}

/** A project in the midst of a merge of two branches that added a domain with other fields. */
export async function clashing(): Promise<string> {
  const folder = await project();
  await bothAdd(folder, ['name:string', 'title:string,size:integer']);
  expect(git(folder, 'merge', 'one').exitCode).toBe(1);
  return folder;
}

/** Makes two branches that add the same domain, each with its fields. */
export async function bothAdd(
  folder: string,
  [one, two]: readonly [string, string],
): Promise<void> {
  const start = git(folder, 'branch', '--show-current').stdout;
  for (const [branch, fields] of Object.entries({ one, two })) {
    git(folder, 'checkout', '-q', start);
    git(folder, 'checkout', '-q', '-b', branch);
    const added = await shipkit(['add-domain', 'labels', '--fields', fields], folder);
    expect(added.exitCode, added.stderr).toBe(0);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', branch);
  }
}
