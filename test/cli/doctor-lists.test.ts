import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, edit, read } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { doctor } from './support/doctor.ts';

const domains = 'src/domains/index.ts';
const schema = 'src/database/schema.ts';

/** Every statement and entry of the domain, however it is laid out. */
const listed = /^(?:import|export) (?:\{[^}]*\}|\*) from .*\/labels\/.*\n|^ *labels: .*\n/gm;

const layouts: readonly [string, (text: string) => string][] = [
  ['with double quotes', (text) => text.replaceAll("'", '"')],
  ['without semicolons', (text) => text.replaceAll(';', '')],
  ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
  ['with comments after the lines', (text) => text.replaceAll(/;$/gm, '; // mine')],
  [
    'with other names and paths',
    (text) =>
      text
        .replace(
          "import { labelsRoutes } from './",
          "import { labelsRoutes as own } from '#app/domains/",
        )
        .replace('labels: labelsRoutes', 'labels: own')
        .replace("export * from '../domains/labels", "export { labels } from '#app/domains/labels"),
  ],
  [
    'with imports of several lines',
    (text) =>
      text
        .replaceAll(/^import \{ (.*) \} from/gm, 'import {\n  $1,\n} from')
        .replace(
          "export * from '../domains/labels",
          "export {\n  labels,\n} from '../domains/labels",
        ),
  ],
];

describe.each(layouts)('lists that their owner wrote %s', (_, layout) => {
  test('are found sound, and left alone', async () => {
    const folder = await labelled(layout);
    const before = contentOf(folder);
    const { findings } = await doctor(folder, '--fix');
    expect(findings.filter(({ check }) => check === 'lists')).toEqual([]);
    expect(contentOf(folder)).toEqual(before);
  });

  test('lose a domain that is gone, and what it was listed with', async () => {
    const folder = await labelled(layout);
    rmSync(join(folder, 'src/domains/labels'), { recursive: true });
    expect((await doctor(folder)).findings.filter(({ check }) => check === 'lists')).toHaveLength(
      2,
    );
    const { findings } = await doctor(folder, '--fix');
    expect(findings.filter(({ check }) => check === 'lists')).toEqual([]);
    for (const file of [domains, schema]) expect(read(folder, file)).not.toMatch(/labels|own/);
  });

  test('get a domain that they lack, once', async () => {
    const folder = await labelled();
    for (const file of [domains, schema]) {
      edit(folder, file, (text) => layout(text).replaceAll(listed, ''));
    }
    const { findings } = await doctor(folder, '--fix');
    expect(findings.filter(({ check }) => check === 'lists')).toEqual([]);
    expect(read(folder, domains).match(/labelsRoutes/g)).toHaveLength(2);
    expect(read(folder, schema).match(/\/labels\//g)).toHaveLength(1);
  });
});

test('a list in which nobody but its owner can tell what is meant is for its owner', async () => {
  const folder = await labelled();
  edit(folder, domains, (text) =>
    text.replace("import { labelsRoutes } from './labels/router.ts';", 'const labelsRoutes = own;'),
  );
  const before = contentOf(folder);
  const { findings } = await doctor(folder, '--fix');
  expect(findings.filter(({ check }) => check === 'lists')).toEqual([
    expect.objectContaining({ mend: expect.stringMatching(/index\.ts$/) }),
  ]);
  expect(contentOf(folder)).toEqual(before);
});

/** A project with a domain, its lists laid out in some way. */
async function labelled(layout?: (text: string) => string): Promise<string> {
  const folder = await project('--no-git');
  await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
  if (layout !== undefined) for (const file of [domains, schema]) edit(folder, file, layout);
  return folder;
}
