// Generated code, where the tools that check it find what it depends on.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { afterAll, expect } from 'vitest';
import { root } from '../../../scripts/lib/root.ts';
import { writeTree } from '../../../src/project/staging.ts';
import type { Tree } from '../../../src/render/tree.ts';

/** A folder under this repository, for all tests of a file; gone when they are over. */
export function folderInRepository(purpose: string): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', `${purpose}-`));
  // A hundred projects are gone from a slow disk after minutes.
  afterAll(() => rm(folder, { recursive: true, force: true }), 600_000);
  return folder;
}

/** Writes a project as a git repository, so that what this one ignores does not hide it. */
export async function writeRepository(tree: Tree, project: string): Promise<void> {
  mkdirSync(project);
  writeTree(tree, project);
  await execa('git', ['init', '--quiet'], { cwd: project });
}

/** @param program one of the packages here: `typescript/bin/tsc` */
export async function expectClean(project: string, program: string, args: string[]): Promise<void> {
  const packages = join(root, 'node_modules');
  const { exitCode, all } = await execa(process.execPath, [join(packages, program), ...args], {
    cwd: project,
    all: true,
    reject: false,
    env: { PATH: `${join(packages, '.bin')}:${process.env['PATH']}` },
  });
  expect(exitCode, all).toBe(0);
}
