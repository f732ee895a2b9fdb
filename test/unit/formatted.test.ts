import { join } from 'node:path';
import { test } from 'vitest';
import type { Tree } from '../../src/render/tree.ts';
import { expectClean, folderInRepository, writeRepository } from './support/checked.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { combinationsSeen, names, rendered, richest, smallest } from './support/combinations.ts';

const folder = folderInRepository('formatted');

test.each(names)(
  `whatever is made under the name %s is formatted (SEED=${seed()})`,
  async (name) => {
    const seen = new Set<string>();
    const all: Tree = new Map();
    for (const [index, answers] of combinationsSeen(name).entries()) {
      for (const [path, entry] of rendered(answers)) {
        const file = `${path} ${String(entry.content)}`;
        // A project is formatted by its own settings.
        if (path !== '.oxfmtrc.json' && seen.has(file)) continue;
        seen.add(file);
        all.set(`${index}/${path}`, entry);
      }
    }
    await expectClean(await write(name, all), 'oxfmt/bin/oxfmt', ['--check']);
  },
);

const isFull = countOf('FULL') > 0;
const [short, , long] = names;
const linted = [
  { kind: 'Starter', answers: smallest(long) },
  { kind: 'richest project', answers: richest(short) },
  ...(isFull ? [{ kind: 'Starter', answers: smallest(short) }] : []),
  ...(isFull ? [{ kind: 'richest project', answers: richest(long) }] : []),
];

test.each(linted)('the $kind named $answers.name passes its own linter', async (entry) => {
  const project = await write(`lint-${entry.kind}-${entry.answers.name}`, rendered(entry.answers));
  await expectClean(project, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']);
});

async function write(name: string, tree: Tree): Promise<string> {
  const project = join(folder, name);
  await writeRepository(tree, project);
  return project;
}
