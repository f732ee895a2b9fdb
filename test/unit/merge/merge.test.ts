import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Change, GivenFile } from '../../../src/merge/change.ts';
import { mergeTrees } from '../../../src/merge/merge.ts';
import { threeWay } from '../../../src/project/three-way.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';
import {
  applied,
  contents,
  diskOf,
  type Files,
  given,
  merge,
  readerOf,
  type Trees,
} from './support.ts';

const mergeText = threeWay(new AbortController().signal);
const nothing = { changes: [], conflicts: [], notes: [] };

describe('a file that changes', () => {
  test('is taken as it is now, where its owner had not touched it', async () => {
    const { changes } = await merge({
      base: { a: '1\n' },
      theirs: { a: '2\n' },
      disk: { a: '1\n' },
    });
    expect(shown(changes)).toEqual([['a', 'replace', '2\n', undefined]]);
  });

  test('keeps its line endings and its byte order mark', async () => {
    const disk = { a: '\uFEFF1\r\n2\r\n' };
    const { changes } = await merge({ base: { a: '1\n2\n' }, theirs: { a: '1\n3\n' }, disk });
    expect(shown(changes)).toEqual([['a', 'replace', '\uFEFF1\r\n3\r\n', undefined]]);
  });

  test('is merged as text with its owner’s edits, in its own line endings', async () => {
    const trees = {
      base: { a: '1\n2\n3\n4\n' },
      theirs: { a: '1\n2\n3\nnew\n' },
      disk: { a: 'mine\r\n2\r\n3\r\n4\r\n' },
    };
    const { changes, conflicts } = await merge(trees, { mergeText });
    expect(conflicts).toEqual([]);
    expect(shown(changes)).toEqual([['a', 'merge', 'mine\r\n2\r\n3\r\nnew\r\n', undefined]]);
  });

  test('is merged as a list where it is one, and as JSON where it is that', async () => {
    const { changes } = await merge({
      base: { 'src/database/schema.ts': 'a\n', 'package.json': '{ "a": 1 }\n' },
      theirs: { 'src/database/schema.ts': 'a\nb\n', 'package.json': '{ "a": 1, "b": 2 }\n' },
      disk: { 'src/database/schema.ts': 'a\nmine\n', 'package.json': '{"mine": 0,\r\n"a": 1}' },
    });
    expect(shown(changes)).toEqual([
      ['package.json', 'merge', '{"mine": 0,\r\n"a": 1,\r\n"b": 2}', undefined],
      ['src/database/schema.ts', 'merge', 'a\nb\nmine\n', undefined],
    ]);
  });

  test('is merged as text where it should be a list or JSON and is none', async () => {
    const asked = vi.fn<typeof mergeText>(() => ({ text: 'merged\n', conflicts: [] }));
    await merge(
      {
        base: { 'src/settings.ts': '}\n', 'package.json': '{}' },
        theirs: { 'src/settings.ts': '}\n}\n', 'package.json': '{ "a": 1 }' },
        disk: { 'src/settings.ts': 'mine\n', 'package.json': '{ mine' },
      },
      { mergeText: asked },
    );
    expect(asked.mock.calls).toEqual([
      ['{}', '{ mine', '{ "a": 1 }'],
      ['}\n', 'mine\n', '}\n}\n'],
    ]);
  });

  test('stays as it is where its owner has made the same change', async () => {
    const trees = { base: { a: '1\n' }, theirs: { a: '2\n' }, disk: { a: '2\r\n' } };
    expect(await merge(trees)).toEqual(nothing);
  });

  test('stays deleted where its owner deleted it, and that is said', async () => {
    const result = await merge({ base: { a: '1' }, theirs: { a: '2' }, disk: {} });
    expect(result.changes).toEqual([]);
    expect(result.notes).toEqual([
      {
        path: 'a',
        kind: 'deleted',
        reason: 'You deleted a, and it stays deleted: what changes in it was left out.',
      },
    ]);
  });

  test('that both sides changed in the same place is a conflict, with its lines', async () => {
    const trees = {
      base: { a: '1\n2\n3\n4\n5\n' },
      theirs: { a: 'new\n2\n3\n4\nnew\n' },
      disk: { a: 'mine\nmore\n2\n3\n4\nmine\n' },
    };
    const { changes, conflicts } = await merge(trees, { mergeText });
    expect(changes).toEqual([]);
    expect(conflicts).toEqual([
      {
        path: 'a',
        kind: 'text',
        lines: [1, 6],
        reason: 'You and shipkit changed the same place in a (lines 1, 6).',
      },
    ]);
  });

  test('has its conflict named by the line of its own file, a list or JSON too', async () => {
    const { conflicts } = await merge({
      base: { 'src/settings.ts': 'a\nb\nc\n', 'package.json': '{\n  "a": 1,\n  "b": 1\n}\n' },
      theirs: { 'src/settings.ts': 'a\nB\nc\n', 'package.json': '{\n  "a": 1,\n  "b": 2\n}\n' },
      disk: { 'src/settings.ts': 'a\nx\ny\nc\n', 'package.json': '{\n  "x": 0,\n\n  "b": 3\n}\n' },
    });
    expect(conflicts).toMatchObject([
      { path: 'package.json', kind: 'json', lines: [4] },
      { path: 'src/settings.ts', kind: 'list', lines: [2] },
    ]);
  });

  test('gets markers where conflicts are allowed, and the lines are those of the markers', async () => {
    const trees = {
      base: { a: '1\n2\n3\n' },
      theirs: { a: '1\nnew\n3\n' },
      disk: { a: '1\r\nmine\r\n3\r\n' },
    };
    const { changes, conflicts } = await merge(trees, { mergeText, allowConflicts: true });
    const marked = '1\n<<<<<<< yours\nmine\n||||||| base\n2\n=======\nnew\n>>>>>>> shipkit\n3\n';
    expect(shown(changes)).toEqual([['a', 'conflict', marked.replaceAll('\n', '\r\n'), undefined]]);
    expect(conflicts).toMatchObject([{ lines: [2] }]);
  });

  test('that is no text is taken where it was untouched, and a conflict where it was edited', async () => {
    const trees = { base: { a: '\0a', b: '\0a' }, theirs: { a: '\0b', b: '\0b' } };
    const { changes, conflicts } = await merge({ ...trees, disk: { a: '\0a', b: '\0mine' } });
    expect(shown(changes)).toEqual([['a', 'replace', '\0b', undefined]]);
    expect(conflicts).toMatchObject([{ path: 'b', kind: 'binary' }]);
  });
});

describe('a new file', () => {
  test('is written with its permissions', async () => {
    const { changes } = await merge({ base: {}, theirs: { a: ['#!', 0o755] }, disk: {} });
    expect(shown(changes)).toEqual([['a', 'create', '#!', 0o755]]);
  });

  test('never overwrites one that has its path', async () => {
    const trees = { base: {}, theirs: { a: '1\n2\n' }, disk: { a: '1\nmine\n' } };
    const { changes, conflicts } = await merge(trees);
    expect(changes).toEqual([]);
    expect(conflicts).toMatchObject([{ path: 'a', kind: 'taken', lines: [1] }]);
    const marked = await merge(trees, { allowConflicts: true });
    expect(marked.conflicts).toMatchObject([{ lines: [2] }]);
    expect(shown(marked.changes)).toEqual([
      ['a', 'conflict', '1\n<<<<<<< yours\nmine\n=======\n2\n>>>>>>> shipkit\n', undefined],
    ]);
  });

  test('is no conflict with the same one', async () => {
    const trees = { base: {}, theirs: { a: '1\n' }, disk: { a: '1\r\n' } };
    expect(await merge(trees)).toEqual(nothing);
  });
});

describe('a file that goes', () => {
  test('goes where its owner had not touched it', async () => {
    const { changes } = await merge({ base: { a: '1\n' }, theirs: {}, disk: { a: '1\r\n' } });
    expect(changes).toMatchObject([{ path: 'a', kind: 'delete', after: undefined }]);
  });

  test('is kept where its owner edited it, and that is said', async () => {
    const result = await merge({ base: { a: '1' }, theirs: {}, disk: { a: 'mine' } });
    expect(result.changes).toEqual([]);
    expect(result.notes).toEqual([
      {
        path: 'a',
        kind: 'kept',
        reason: 'a is no longer needed, and was kept because you edited it.',
      },
    ]);
  });

  test('is no matter where its owner deleted it', async () => {
    expect(await merge({ base: { a: '1' }, theirs: {}, disk: {} })).toEqual(nothing);
  });
});

describe('permissions', () => {
  test('that change are laid into those that stand, edited or not', async () => {
    const { changes } = await merge({
      base: { a: '#!', b: '#!' },
      theirs: { a: ['#!', 0o755], b: ['#!', 0o600] },
      disk: { a: ['#! mine', 0o664], b: ['#!', 0o755] },
    });
    expect(shown(changes)).toEqual([
      ['a', 'mode', '#! mine', 0o775],
      ['b', 'mode', '#!', 0o711],
    ]);
  });

  test('that its owner changed stay', async () => {
    const trees = { base: { a: '1' }, theirs: { a: '2' }, disk: { a: ['1', 0o755] as const } };
    expect(shown((await merge(trees)).changes)).toEqual([['a', 'replace', '2', undefined]]);
  });
});

test('a once-file is never looked at', async () => {
  const once = { content: 'new', mode: 0o644, once: true } as const;
  const disk = vi.fn<() => undefined>();
  const base = new Map<string, GivenFile>([
    ['a', { content: 'old', mode: 0o644 }],
    ['gone', once],
  ]);
  expect(await mergeTrees({ base, theirs: new Map([['a', once]]), disk, mergeText })).toEqual(
    nothing,
  );
  expect(disk).not.toHaveBeenCalled();
});

test('what the generator remembers is written as it is, whatever stands there', async () => {
  const theirs = { '.shipkit/manifest.json': '2\n', '.shipkit/base.br': 'same' };
  const disk = { '.shipkit/manifest.json': '1\n', '.shipkit/base.br': 'same' };
  const { changes, conflicts } = await merge({ base: {}, theirs, disk });
  expect(conflicts).toEqual([]);
  expect(shown(changes)).toEqual([['.shipkit/manifest.json', 'record', '2\n', undefined]]);
});

test('only paths that differ are read from the disk', async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, '1']));
  const disk = vi.fn<(path: string) => undefined>();
  await mergeTrees({
    base: given(many),
    theirs: given({ ...many, f7: '2', new: '1' }),
    disk,
    mergeText,
  });
  expect(disk.mock.calls).toEqual([['f7'], ['new']]);
});

describe(`for any trees (SEED=${seed()})`, () => {
  const runs = { numRuns: countOf('RUNS'), seed: seed() };

  test('the same on both sides changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (base, disk) => {
        expect(await merge({ base, theirs: base, disk })).toEqual(nothing);
      }),
      runs,
    );
  });

  test('an untouched project becomes what the generator gives now', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (base, theirs) => {
        const { changes, conflicts, notes } = await merge({ base, theirs, disk: base });
        expect([conflicts, notes]).toEqual([[], []]);
        expect(contents(applied(diskOf(base), changes))).toEqual(contents(given(theirs)));
      }),
      runs,
    );
  });

  test('what changes is what differs: everything else keeps its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async ({ base, theirs, disk }) => {
        const { changes } = await merge({ base, theirs, disk }, { mergeText: alwaysConflict });
        for (const { path } of changes) expect(theirs[path]).not.toEqual(base[path]);
      }),
      runs,
    );
  });

  test('merging again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async ({ base, theirs, disk }) => {
        const first = await merge({ base, theirs, disk }, { mergeText: alwaysConflict });
        const after = applied(diskOf(disk), first.changes);
        const again = { base: given(base), theirs: given(theirs), disk: readerOf(after) };
        const { changes } = await mergeTrees({ ...again, mergeText: alwaysConflict });
        expect(changes).toEqual([]);
      }),
      runs,
    );
  });

  test('merging again changes nothing where git merged', async () => {
    const lines = fc.subarray(['1', '2', '3', '4', '5', '6', '7', '8'], { minLength: 4 });
    const text = lines.map((some) => `${some.join('\n')}\n`);
    await fc.assert(
      fc.asyncProperty(text, text, text, async (base, theirs, mine) => {
        const sides = { base: given({ a: base }), theirs: given({ a: theirs }) };
        const disk = diskOf({ a: mine });
        const first = await mergeTrees({ ...sides, disk: readerOf(disk), mergeText });
        const after = applied(disk, first.changes);
        const again = await mergeTrees({ ...sides, disk: readerOf(after), mergeText });
        expect(again.changes).toEqual([]);
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 10) },
    );
  });
});

const alwaysConflict = (_: string, ours: string) => ({
  text: `<<<<<<< yours\n${ours}`,
  conflicts: [1],
});

const path = fc.constantFrom('a', 'b/c', 'b/d', 'package.json', 'src/settings.ts', '.env.example');
const content = fc.oneof(
  fc.subarray(['one\n', 'two\n', '\n', 'three\n']).map((lines) => lines.join('')),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(2)).map((value) => JSON.stringify(value)),
);
const file = fc.tuple(content, fc.constantFrom(0o644, 0o755, 0o600));
const tree: fc.Arbitrary<Files> = fc.dictionary(path, file, { noNullPrototype: true });
const trees: fc.Arbitrary<Trees> = fc.record({ base: tree, theirs: tree, disk: tree });

/** The changes as path, kind, content and mode. */
function shown(changes: readonly Change[]) {
  return changes.map(({ path: at, kind, after }) => [
    at,
    kind,
    after && Buffer.from(after.content).toString(),
    after?.mode,
  ]);
}
