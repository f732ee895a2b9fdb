import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeList } from '../../../src/merge/list.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';
import { layouts } from './support.ts';

const runs = { numRuns: countOf('RUNS'), seed: seed() };

describe('a list that the owner edited by hand', () => {
  test('gets an import and an entry beside those that the owner added', () => {
    const base = listOf(['accounts', 'auth']);
    const theirs = listOf(['accounts', 'auth', 'billing']);
    const ours = listOf(['accounts', 'auth', 'notes']);
    expect(merged({ base, ours, theirs })).toBe(listOf(['accounts', 'auth', 'billing', 'notes']));
  });

  test('loses an entry and its import, and nothing else', () => {
    const base = listOf(['accounts', 'auth', 'billing']);
    const theirs = listOf(['accounts', 'auth']);
    const ours = `// Mine\n${listOf(['accounts', 'notes', 'auth', 'billing'])}`;
    expect(merged({ base, ours, theirs })).toBe(
      `// Mine\n${listOf(['accounts', 'notes', 'auth'])}`,
    );
  });

  test('does not get twice what the owner has written already', () => {
    const base = listOf(['accounts']);
    const theirs = listOf(['accounts', 'billing']);
    const ours = listOf(['billing', 'accounts', 'notes']);
    expect(merged({ base, ours, theirs })).toBe(ours);
  });

  test('gets an entry in its own paragraph, where the lines above it are gone or edited', () => {
    const base = listOf(['accounts']);
    const theirs = listOf(['accounts', 'billing']);
    const ours = base.replace('domains =', 'domains: Domains =').replace(/  accounts.*\n/, '');
    expect(merged({ base, ours, theirs })).toBe(
      theirs.replace('domains =', 'domains: Domains =').replace(/  accounts.*\n/, ''),
    );
  });

  test('has a line in the place of the one that it replaces', () => {
    const lines = { base: 'a\nb\nc\n', ours: 'a\nmine\nb\nc\n', theirs: 'a\nB\nc\n' };
    expect(merged(lines)).toBe('a\nmine\nB\nc\n');
  });

  test('keeps a line moved by the generator out, when the owner took it away', () => {
    const lines = { base: 'a\nb\nc\n', ours: 'b\nmine\nc\n', theirs: 'b\nc\na\n' };
    expect(merged(lines)).toBe('b\nmine\nc\n');
  });

  test('gets sections with a blank line between, and loses them with theirs', () => {
    const [base, theirs] = [textOf(['# B\nb1']), textOf(['# A\na1', '# B\nb1', '# D\nd1'])];
    const ours = '# All\n\nmine\n';
    const there = merged({ base, ours, theirs });
    expect(there).toBe('# All\n\n# A\na1\n\n# D\nd1\n\nmine\n');
    expect(merged({ base: theirs, ours: there ?? '', theirs: base })).toBe(ours);
  });

  test('is known again however a formatter lays it out', () => {
    const formatted = (text: string) =>
      text.replaceAll("'", '"').replaceAll(';', '').replaceAll('  ', '\t').replaceAll('{ ', '{');
    const [base, theirs] = [listOf(['accounts', 'billing']), listOf(['accounts', 'admin'])];
    expect(
      merged({ base, ours: formatted(listOf(['accounts', 'notes', 'billing'])), theirs }),
    ).toBe(
      formatted(listOf(['accounts', 'notes', 'admin'])).replace(
        '{adminRoutes } from "./admin/router.ts"',
        "{ adminRoutes } from './admin/router.ts';",
      ),
    );
  });

  test('says which line was to go and is gone already', () => {
    const lines = { base: 'a\nb\nc\n', ours: 'a\nc\nmine\n', theirs: 'a\nc\n' };
    expect(mergeList(lines)).toEqual({
      text: 'a\nc\nmine\n',
      conflicts: [],
      advice: [],
      notes: [
        {
          kind: 'gone',
          reason: '"b" was to go and is not there: if you rewrote it, take it out by hand.',
        },
      ],
    });
  });

  test('keeps its missing line break at the end', () => {
    expect(merged({ base: 'a\n', ours: 'a\nmine', theirs: 'a\nb\n' })).toBe('a\nb\nmine');
  });
});

describe('a conflict', () => {
  test('is an edit of the line that the generator replaces', () => {
    const lines = { base: 'a\nb\nc\n', ours: 'a\nb, mine\nc\n', theirs: 'a\nB\nc\n' };
    expect(mergeList(lines)).toMatchObject({
      text: 'a\n<<<<<<< yours\nb, mine\n||||||| base\nb\n=======\nB\n>>>>>>> shipkit\nc\n',
      conflicts: [2],
    });
  });

  test('is a line for which nothing stands that it could stand beside', () => {
    const lines = { base: 'a\n', ours: 'mine\n', theirs: 'a\nb\n' };
    expect(mergeList(lines)?.conflicts).toEqual([2]);
  });

  test('is a line that could only be placed in the midst of something else', () => {
    const [base, theirs] = [listOf([]), listOf(['billing'])];
    const ours = base.replace('domains =', 'domains: Domains =');
    expect(mergeList({ base, ours, theirs })?.conflicts).toHaveLength(1);
  });

  test.each(layouts)('is an entry whose paragraph is $name', ({ laidOut }) => {
    const [base, theirs] = [listOf(['auth', 'customers']), listOf(['auth', 'customers', 'more'])];
    const result = mergeList({ base, ours: laidOut(base), theirs });
    expect(result?.conflicts).toHaveLength(1);
    expect(result?.advice).toEqual([
      'Add by hand, each on a line of its own: "more: moreRoutes,".',
    ]);
  });

  test.each(layouts)('is an entry to go from a paragraph that is $name', ({ laidOut }) => {
    const [base, theirs] = [listOf(['auth', 'customers']), listOf(['auth'])];
    const result = mergeList({ base, ours: laidOut(base), theirs });
    expect(result?.conflicts).toHaveLength(1);
    expect(result?.notes).toEqual([]);
    expect(result?.advice).toEqual([
      'Take out by hand what is left of "customers: customersRoutes,".',
    ]);
  });

  test('that is not the only one is marked apart', () => {
    const lines = { base: 'a\nb\nc\nd\n', ours: 'mine\n', theirs: 'a\nB\nc\nD\n' };
    const result = mergeList(lines);
    expect(result?.conflicts).toEqual([2, 8]);
    expect(result?.text.match(/^mine$/gm)).toHaveLength(1);
  });

  test('is none when the owner has made the same change', () => {
    const lines = { base: 'a\nb\nc\n', ours: 'a\nB\nmine\nc\n', theirs: 'a\nB\nc\n' };
    expect(merged(lines)).toBe('a\nB\nmine\nc\n');
  });
});

test('what is not made of unique lines is no list', () => {
  const theirs = 'if (a) {\n}\nif (b) {\n}\n';
  expect(mergeList({ base: 'if (a) {\n}\n', ours: 'mine\n', theirs })).toBeUndefined();
});

describe(`for any edits of both sides (SEED=${seed()})`, () => {
  test('the result is the owner’s lines and those added, without those removed', () => {
    fc.assert(
      fc.property(history(), ({ first, steps, owner }) => {
        let theirs = first;
        let ours = owner;
        for (const step of steps) {
          const next = inOrder(step(theirs));
          const result = merge(theirs, ours, next);
          expect(result.conflicts).toEqual([]);
          const wanted = expected(theirs, ours, next);
          expect(inAnyOrder(result.lines)).toEqual(inAnyOrder(wanted));
          expect(result.lines.filter((line) => ours.includes(line))).toEqual(
            ours.filter((line) => wanted.includes(line)),
          );
          expect(merge(theirs, result.lines, next).lines).toEqual(result.lines);
          [theirs, ours] = [next, result.lines];
        }
      }),
      runs,
    );
  });

  test('a change that adds and removes at once does both, or is a conflict', () => {
    fc.assert(
      fc.property(entries, entries, ownersOf(entries), (first, next, ours) => {
        const result = merge(first, ours, next);
        const missing = added(next, first).some((line) => !ours.includes(line));
        if (result.conflicts.length > 0) return missing;
        expect(inAnyOrder(result.lines)).toEqual(inAnyOrder(expected(first, ours, next)));
        return true;
      }),
      runs,
    );
  });

  test('what was added and is removed again leaves the owner’s text as it was', () => {
    fc.assert(
      fc.property(sections, sections, fc.infiniteStream(fc.nat(9)), (some, more, random) => {
        const base = textOf(some);
        const theirs = textOf([...new Set([...some, ...more])].toSorted());
        const ours = editedText(base, random);
        const there = mergeList({ base, ours, theirs });
        if (there === undefined || there.conflicts.length > 0) return;
        expect(mergeList({ base: theirs, ours: there.text, theirs: base })?.text).toBe(ours);
      }),
      runs,
    );
  });
});

const ends = ['export const list = {', '};'] as const;

/** What the generator gives: any of its entries, in its order. */
const entries = fc
  .subarray(Array.from({ length: 12 }, (_, index) => `  e${index},`))
  .map((some) => framed(some));

/** The generator's history: steps that add some or take some away; and the owner's list. */
function history() {
  const step = fc.record({ adds: fc.boolean(), some: entries }).map(
    ({ adds, some }) =>
      (lines: string[]) =>
        adds ? [...new Set([...lines, ...some])] : lines.filter((line) => !some.includes(line)),
  );
  return fc.record({
    first: entries,
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
    owner: ownersOf(entries),
  });
}

/** Entries as an owner has them: some gone, some of their own, in any order. */
function ownersOf(some: typeof entries) {
  return fc
    .tuple(some, fc.subarray(['  mine,', '  notes,', '  e3,', '  e7,', '  // why', '  last,']))
    .chain(([lines, own]) => {
      const all = [...new Set([...lines.slice(1, -1), ...own])];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((inner) => framed(inner));
    });
}

/** Sections with a blank line between, as the settings' example has them. */
const sections = fc.subarray(['# A\na1\na2', '# B\nb1', '# C\nc1\nc2', '# D\nd1', '# E\ne1']);

function textOf(blocks: readonly string[]): string {
  return `${['# All', ...blocks].join('\n\n')}\n`;
}

/** A text with lines of the owner's in it, and some of its lines gone. */
function editedText(text: string, random: fc.Stream<number>): string {
  let own = 0;
  const lines = text.split('\n').flatMap((line, index) => {
    const chance = random.next().value ?? 0;
    if (chance < 2 && line !== '' && index > 0) return [];
    own += 1;
    return chance > 6 ? [line, `mine ${own}`] : [line];
  });
  return lines.join('\n');
}

function framed(lines: readonly string[]): string[] {
  return [ends[0], ...lines, ends[1]];
}

function inOrder(lines: readonly string[]): string[] {
  const inner = lines.filter((line) => !ends.some((end) => end === line));
  return framed(inner.toSorted((a, b) => Number(a.slice(3, -1)) - Number(b.slice(3, -1))));
}

function inAnyOrder(lines: readonly string[]): string[] {
  return lines.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
}

/** The owner's lines and those that the generator added, without those that it removed. */
function expected(before: string[], ours: string[], after: string[]): string[] {
  const removed = added(after, before);
  return [...new Set([...ours, ...added(before, after)])].filter((line) => !removed.includes(line));
}

function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((line) => !before.includes(line));
}

function merge(base: readonly string[], ours: readonly string[], theirs: readonly string[]) {
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  const result = mergeList({ base: text(base), ours: text(ours), theirs: text(theirs) });
  if (result === undefined) throw new Error('The lines are not unique.');
  return { lines: result.text.slice(0, -1).split('\n'), conflicts: result.conflicts };
}

function merged(texts: Parameters<typeof mergeList>[0]): string | undefined {
  const result = mergeList(texts);
  expect(result?.conflicts).toEqual([]);
  return result?.text;
}

/** The list of domains as the templates write it. */
function listOf(names: readonly string[]): string {
  const imports = names.map((name) => `import { ${name}Routes } from './${name}/router.ts';\n`);
  const lines = names.map((name) => `  ${name}: ${name}Routes,\n`);
  return `${imports.join('')}\nexport const domains = {\n${lines.join('')}};\n`;
}
