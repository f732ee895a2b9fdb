import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';

const houses = {
  catalog: [],
  render: ['catalog'],
  merge: ['catalog'],
  templates: ['catalog', 'render'],
  project: ['catalog', 'render', 'merge'],
  commands: ['catalog', 'render', 'merge', 'project'],
  cli: ['catalog', 'render', 'merge', 'project', 'commands', 'templates'],
} as const;

const leaves = ['problem.ts', 'version.ts'];

test.each(Object.entries(houses))('%s imports only what it stands on', (house, below) => {
  for (const { file, from } of importsIn(house)) {
    if (!from.startsWith('.')) continue;
    const target = join('src', house, file, '..', from).split(/[\\/]/).slice(1);
    const allowed = [house, ...below, ...leaves];
    expect(allowed, `${house}/${file} imports ${from}`).toContain(target[0]);
  }
});

test.each(['catalog', 'render', 'merge'])('%s reads no disk, clock or chance', (house) => {
  for (const { file, from } of importsIn(house)) {
    expect(from, `${house}/${file}`).not.toMatch(/^(node:)?(fs|os|process|child_process|path)\b/);
  }
  for (const [file, source] of sourcesIn(house)) {
    expect(source, file).not.toMatch(/Date\.now|new Date|Math\.random|randomBytes|process\./);
  }
});

function sourcesIn(house: string): Map<string, string> {
  const folder = join(root, 'src', house);
  const files = globSync('**/*.ts', { cwd: folder });
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function importsIn(house: string): { file: string; from: string }[] {
  return [...sourcesIn(house)].flatMap(([file, source]) =>
    [...source.matchAll(/(?:from|import\(|import) ?'([^']+)'/g)].map(([, from = '']) => ({
      file,
      from,
    })),
  );
}
