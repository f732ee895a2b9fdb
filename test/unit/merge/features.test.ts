import { expect, test } from 'vitest';
import { catalog, offeredIn } from '../../../src/catalog/features.ts';
import type { DiskFile } from '../../../src/merge/change.ts';
import { kindOf } from '../../../src/merge/kinds.ts';
import { mergeTrees } from '../../../src/merge/merge.ts';
import type { Tree } from '../../../src/render/tree.ts';
import { answersOf } from '../support/fixtures.ts';
import { rendered } from '../support/combinations.ts';
import { applied, contents, readerOf } from './support.ts';

const features = offeredIn(catalog).map(({ name }) => name);

test.each(features)(
  '%s comes and goes again in a project that its owner edited, and every edit stays',
  async (feature) => {
    const bare = answersOf({ without: features });
    const without = files(rendered(bare));
    const present = files(rendered({ ...bare, features: [feature], without: [] }));
    const disk = new Map([...without].map(([path, file]) => [path, edited(path, file)]));

    const there = await merge(without, present, disk);
    for (const path of present.keys()) expect([...there.keys()]).toContain(path);
    expect(contents(await merge(present, without, there))).toEqual(contents(disk));
  },
);

/** An owner's edit: a line of their own in each list, a key and other spaces in JSON, CRLF elsewhere. */
function edited(path: string, { content, mode }: DiskFile): DiskFile {
  const text = Buffer.from(content).toString();
  const mine = {
    list: `// Mine\n${text}// The end\n`,
    json: text.replace('{\n', '{\n  "mine": true,\n').replaceAll('  ', '\t'),
    text: text.replaceAll('\n', '\r\n'),
  }[kindOf(path)];
  return { content: Buffer.from(mine), mode };
}

async function merge(
  base: Map<string, DiskFile>,
  theirs: Map<string, DiskFile>,
  disk: Map<string, DiskFile>,
) {
  const mergeText = () => Promise.reject(new Error('A text merge was asked for.'));
  const result = await mergeTrees({ base, theirs, disk: readerOf(disk), mergeText });
  expect([result.conflicts, result.notes]).toEqual([[], []]);
  return applied(disk, result.changes);
}

/** What is rendered each time: neither once-files nor records. */
function files(tree: Tree): Map<string, DiskFile> {
  const found = [...tree].filter(
    ([path, { once }]) => once !== true && !path.startsWith('.shipkit/'),
  );
  return new Map(
    found.map(([path, { content, mode }]) => [path, { content: Buffer.from(content), mode }]),
  );
}
