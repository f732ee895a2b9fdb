import { expect } from 'vitest';
import { makeBranches } from './branches.ts';
import { project, shipkit } from './commands.ts';
import { tryGit } from './git.ts';

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
  expect(tryGit(folder, 'merge', 'one').exitCode).toBe(1);
  return folder;
}

/** Makes two branches that add the same domain, each with its fields. */
export async function bothAdd(
  folder: string,
  [one, two]: readonly [string, string],
): Promise<void> {
  const add = async (fields: string) => {
    const added = await shipkit(['add-domain', 'labels', '--fields', fields], folder);
    expect(added.exitCode, added.stderr).toBe(0);
  };
  await makeBranches(folder, { one: () => add(one), two: () => add(two) });
}
