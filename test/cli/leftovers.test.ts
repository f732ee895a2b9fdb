// What is left of a domain that goes: files that its owner edited, and what refers to it.
import { describe, expect, test } from 'vitest';
import { contentOf, edit, write } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';

const remove = ['remove-domain', 'labels', '--json'];

interface Result {
  readonly notes: { path: string; kind: string; reason: string }[];
  readonly conflicts: { path: string; lines: number[] }[];
  readonly wayBack?: string;
}

test('what imports something that goes is told, with the line', async () => {
  const folder = await labelled();
  edit(folder, 'src/domains/labels/service.ts', (text) => `${text}// mine\n`);
  write(
    folder,
    'src/total.ts',
    "// mine\nimport type { X } from '#app/domains/labels/router.ts';\n",
  );
  const { stdout, exitCode } = await shipkit(remove, folder);
  expect(exitCode).toBe(0);
  const { notes, wayBack } = JSON.parse(stdout) as Result;
  const told = notes.filter(({ kind }) => kind === 'imports');
  expect(told.map(({ path }) => path)).toEqual(['src/domains/labels/service.ts', 'src/total.ts']);
  expect(told[1]?.reason).toMatch(/#app\/domains\/labels\/router\.ts \(line 2\)/);
  expect(wayBack).toBeUndefined();
});

describe('a list that still takes something from a domain that goes is a conflict:', () => {
  test.each<[string, string, (text: string) => string]>([
    [
      'an import under another name',
      'src/domains/index.ts',
      (text) =>
        text
          .replace('import { labelsRoutes }', 'import { labelsRoutes as own }')
          .replace('labels: labelsRoutes', 'labels: own'),
    ],
    [
      'an export of one table',
      'src/database/schema.ts',
      (text) => text.replace("* from '../domains/labels", "{ labels } from '../domains/labels"),
    ],
  ])('%s', async (_, file, layout) => {
    const folder = await labelled();
    edit(folder, file, layout);
    const before = contentOf(folder);
    const { stdout, exitCode } = await shipkit(remove, folder);
    expect(exitCode).toBe(4);
    const { conflicts } = JSON.parse(stdout) as Result;
    expect(conflicts).toEqual([
      expect.objectContaining({ path: file, lines: [expect.any(Number)] }),
    ]);
    expect(contentOf(folder)).toEqual(before);
  });
});

test('models that were only laid out otherwise come back, whatever their quotes', async () => {
  const folder = await labelled();
  edit(folder, 'src/domains/labels/models.ts', (text) => text.replaceAll("'", '"'));
  const { wayBack } = JSON.parse((await shipkit(remove, folder)).stdout) as Result;
  expect(wayBack).toBe('shipkit add-domain labels --fields "name:string"');
  const back = await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
  expect(back.exitCode, back.stderr).toBe(0);
});

async function labelled(): Promise<string> {
  const folder = await project('--no-git');
  await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
  return folder;
}
