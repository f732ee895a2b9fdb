import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { ProjectAnswers } from '../../../src/catalog/answers.ts';
import { changeProject, type ChangeRequest } from '../../../src/commands/change.ts';
import { openProject } from '../../../src/project/open.ts';
import { writeTree } from '../../../src/project/staging.ts';
import { render } from '../../../src/render/render.ts';
import { templates } from '../../unit/support/combinations.ts';
import { temporaryFolder } from './cli.ts';

export const version = '0.1.0';

/** A project of these answers in a folder of its own, which goes with the test. */
export function projectOf(answers: ProjectAnswers): string {
  const folder = temporaryFolder('change');
  writeTree(render(answers, templates, { version }), folder);
  return folder;
}

/** The text of a file of a project of these answers. */
export function textOf(answers: ProjectAnswers, path: string): string {
  return Buffer.from(render(answers, templates, { version }).get(path)?.content ?? '').toString();
}

/** Changes a project in this process, as a command does. */
export async function change(
  folder: string,
  answers: ProjectAnswers,
  options: Partial<ChangeRequest> = {},
) {
  const { signal } = new AbortController();
  const found = await openProject(folder, { version, signal, onRecovery: () => undefined });
  return changeProject({
    project: found,
    answers,
    command: 'add x',
    migration: 'change',
    version,
    templates,
    signal,
    dryRun: false,
    install: false,
    allowConflicts: false,
    during: (_, work) => work(),
    ...options,
  });
}

/** Every file of a project with its content and mode; what is written once is left out. */
export function contentOf(folder: string): Record<string, string> {
  const files = Object.entries(allContentOf(folder));
  return Object.fromEntries(files.filter(([path]) => !isOnce(path)));
}

/** The same with what is written once, but for what is not for the repository. */
export function allContentOf(folder: string): Record<string, string> {
  const exclude = ['.git', '**/node_modules', '.shipkit/local'];
  const paths = globSync(['**/*', '**/.*', '{.github,.shipkit}/**/*'], { cwd: folder, exclude });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile()).toSorted();
  return Object.fromEntries(
    files.map((path) => {
      const file = join(folder, path);
      return [path, `${(statSync(file).mode & 0o777).toString(8)} ${readFileSync(file, 'latin1')}`];
    }),
  );
}

/** What is written once, or keeps what went, is not what a change gives and takes. */
export function isOnce(path: string): boolean {
  return (
    path.startsWith('migrations/') ||
    path === 'package-lock.json' ||
    path === 'src/database/retired.ts'
  );
}

export function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

export function write(folder: string, path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Edits a file, which must become another by it. */
export function edit(folder: string, path: string, how: (text: string) => string): void {
  const before = read(folder, path);
  const after = how(before);
  expect(after).not.toBe(before);
  write(folder, path, after);
}
