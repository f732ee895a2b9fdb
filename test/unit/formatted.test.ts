import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { writeTree } from '../../src/project/staging.ts';
import type { Tree } from '../../src/render/tree.ts';
import { root } from '../../scripts/lib/root.ts';
import { combinations, names, rendered, richest } from './support/combinations.ts';

// Under the repository, so that the generated code finds its dependencies; each project a git
// repository of its own, so that what this repository ignores does not hide it.
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache', 'formatted-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(names)('whatever is made under the name %s is formatted', async (name) => {
  const seen = new Set<string>();
  for (const [index, answers] of combinations(name).entries()) {
    const fresh = [...rendered(answers)].filter(([path, { content }]) => {
      return path === '.oxfmtrc.json' || !seen.has(`${path} ${String(content)}`);
    });
    for (const [path, { content }] of fresh) seen.add(`${path} ${String(content)}`);
    const project = await write(`${name}-${index}`, new Map(fresh));
    await expectClean(project, 'oxfmt', ['--check', '--no-error-on-unmatched-pattern']);
  }
});

const linted = [names[0], names[2]].flatMap((name) => [
  { kind: 'Starter', answers: { ...richest(name), tier: 'starter' as const, features: [] } },
  { kind: 'richest project', answers: richest(name) },
]);

test.each(linted)('the $kind named $answers.name passes its own linter', async (entry) => {
  const project = await write(`lint-${entry.kind}-${entry.answers.name}`, rendered(entry.answers));
  await expectClean(project, 'oxlint', ['--type-aware', '--deny-warnings']);
});

async function write(name: string, tree: Tree): Promise<string> {
  const project = join(folder, name);
  mkdirSync(project);
  writeTree(tree, project);
  await execa('git', ['init', '--quiet'], { cwd: project });
  return project;
}

async function expectClean(project: string, tool: string, args: string[]): Promise<void> {
  const program = join(root, 'node_modules', tool, 'bin', tool);
  const { exitCode, all } = await execa(process.execPath, [program, ...args], {
    cwd: project,
    all: true,
    reject: false,
    env: { PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}` },
  });
  expect(exitCode, all).toBe(0);
}
