import { join } from 'node:path';
import { test } from 'vitest';
import type { Tree } from '../../src/render/tree.ts';
import { expectClean, folderInRepository, writeRepository } from './support/checked.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { combinations, names, rendered, richest } from './support/combinations.ts';

const folder = folderInRepository('formatted');

test.each(names)('whatever is made under the name %s is formatted', async (name) => {
  const seen = new Set<string>();
  // The width of a name matters to the same lines in every combination: one name is seen in all.
  const isWhole = countOf('FULL') > 0 || name === names[1];
  const made = isWhole ? combinations(name) : [richest(name), { ...richest(name), features: [] }];
  for (const [index, answers] of made.entries()) {
    const fresh = [...rendered(answers)].filter(([path, { content }]) => {
      return path === '.oxfmtrc.json' || !seen.has(`${path} ${String(content)}`);
    });
    for (const [path, { content }] of fresh) seen.add(`${path} ${String(content)}`);
    const project = await write(`${name}-${index}`, new Map(fresh));
    await expectClean(project, 'oxfmt/bin/oxfmt', ['--check', '--no-error-on-unmatched-pattern']);
  }
});

const linted = [names[0], names[2]].flatMap((name) => [
  { kind: 'Starter', answers: { ...richest(name), tier: 'starter' as const, features: [] } },
  { kind: 'richest project', answers: richest(name) },
]);

test.each(linted)('the $kind named $answers.name passes its own linter', async (entry) => {
  const project = await write(`lint-${entry.kind}-${entry.answers.name}`, rendered(entry.answers));
  await expectClean(project, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']);
});

async function write(name: string, tree: Tree): Promise<string> {
  const project = join(folder, name);
  await writeRepository(tree, project);
  return project;
}
