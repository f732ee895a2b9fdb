import fc from 'fast-check';
import { stripComments } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { mergeJson } from '../../../src/merge/json.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';

const runs = { numRuns: countOf('RUNS'), seed: seed() };

const base = `{
  "name": "app",
  "scripts": {
    "dev": "node dev.ts",
    "test": "vitest run"
  },
  "dependencies": {
    "express": "5.3.0",
    "zod": "4.6.7"
  },
  "files": ["src"]
}
`;

describe('a package.json that the owner edited', () => {
  const ours = `{
    "name": "shop",
    "private": true,
    "scripts": {
        "dev": "node dev.ts",
        "mine": "echo",    "test": "vitest run"
    },
    "dependencies": { "express": "5.3.0", "lodash": "4.0.0", "zod": "4.6.7" },
    "files": [ "src" ]
}`;

  test('gets new keys after the key that they follow, in the layout that it has', () => {
    const theirs = base
      .replace('"5.3.0",', '"5.3.0",\n    "stripe": "23.1.0",')
      .replace('dev.ts",', 'dev.ts",\n    "keys": "node keys.ts",')
      .replace('  "files"', '  "imports": {\n    "#app/*": "./src/*"\n  },\n  "files"');
    expect(merged({ base, ours, theirs })).toBe(`{
    "name": "shop",
    "private": true,
    "scripts": {
        "dev": "node dev.ts",
        "keys": "node keys.ts",
        "mine": "echo",    "test": "vitest run"
    },
    "dependencies": { "express": "5.3.0", "stripe": "23.1.0", "lodash": "4.0.0", "zod": "4.6.7" },
    "imports": {
        "#app/*": "./src/*"
    },
    "files": [ "src" ]
}`);
  });

  test('loses keys that went, and has values that changed', () => {
    const theirs = base.replace('    "express": "5.3.0",\n', '').replace('"src"', '"src", "bin"');
    expect(merged({ base, ours, theirs })).toBe(
      ours.replace('"express": "5.3.0", ', '').replace('[ "src" ]', '["src", "bin"]'),
    );
  });

  test('keeps what the owner changed when it goes, and says so', () => {
    const mine = base.replace('4.6.7', '4.7.0');
    const theirs = base.replace(/,\n {2}"dependencies": \{[^}]*\}/, '');
    const result = mergeJson({ base, ours: mine, theirs });
    expect(data(result?.text)).toEqual({ ...data(theirs), dependencies: { zod: '4.7.0' } });
    expect(result?.notes).toEqual([
      {
        kind: 'kept',
        reason: 'dependencies.zod is no longer needed, and was kept because you changed it.',
      },
    ]);
  });

  test('does not get back what the owner took away, and says so', () => {
    const mine = base.replace(',\n    "zod": "4.6.7"', '');
    const result = mergeJson({ base, ours: mine, theirs: base.replace('4.6.7', '4.7.0') });
    expect(result).toEqual({
      text: mine,
      conflicts: [],
      notes: [
        {
          kind: 'deleted',
          reason: 'You took dependencies.zod away: what changes in it was left out.',
        },
      ],
    });
  });

  test('conflicts where both changed a value differently', () => {
    const mine = base.replace('vitest run', 'vitest run --coverage');
    const theirs = base.replace('vitest run', 'vitest').replace('4.6.7', '4.7.0');
    expect(mergeJson({ base, ours: mine, theirs })).toMatchObject({
      text: mine
        .replace('4.6.7', '4.7.0')
        .replace(
          '    "test": "vitest run --coverage"\n',
          '<<<<<<< yours\n    "test": "vitest run --coverage"\n=======\n    "test": "vitest"\n>>>>>>> shipkit\n',
        ),
      conflicts: [5],
    });
  });
});

describe('comments', () => {
  const settings = `{
  // Mine: first of all
  "plugins": ["a"], // why a
  "rules": {
    "one": "error", // why one
    /* why two */
    "two": "off", // because
  },
}
`;

  test('stay with what they are about when keys come', () => {
    const before = '{ "plugins": ["a"], "rules": { "one": "error", "two": "off" } }';
    const theirs =
      '{ "env": {}, "plugins": ["a"], "rules": { "one": "error", "new": "warn", "two": "off", "last": 1 } }';
    expect(merged({ base: before, ours: settings, theirs })).toBe(`{
  "env": {},
  // Mine: first of all
  "plugins": ["a"], // why a
  "rules": {
    "one": "error", // why one
    "new": "warn",
    /* why two */
    "two": "off", // because
    "last": 1,
  },
}
`);
  });

  test('of other keys stay when one goes', () => {
    const before = '{ "plugins": ["a"], "rules": { "one": "error", "two": "off" } }';
    const theirs = '{ "plugins": ["a"], "rules": { "two": "off" } }';
    expect(merged({ base: before, ours: settings, theirs })).toBe(
      settings.replace('    "one": "error", // why one\n', ''),
    );
  });
});

test('an object that had nothing in it is empty again when all goes', () => {
  const empty = '{\n  "a": {}\n}\n';
  const full = '{\n  "a": {\n    "b": 1,\n    "c": [\n      2\n    ]\n  }\n}\n';
  const ours = '{\n\t"mine": 1,\n\t"a": {}\n}\n';
  const there = merged({ base: empty, ours, theirs: full });
  expect(there).toBe(
    '{\n\t"mine": 1,\n\t"a": {\n\t\t"b": 1,\n\t\t"c": [\n\t\t\t2\n\t\t]\n\t}\n}\n',
  );
  expect(merged({ base: full, ours: there, theirs: empty })).toBe(ours);
});

test.each(['{ "a": 1', '{ "a": 1, "a": 2 }', 'no'])('%s is not merged as JSON', (ours) => {
  expect(mergeJson({ base: '{}', ours, theirs: '{ "b": 1 }' })).toBeUndefined();
});

describe(`for any edits of both sides (SEED=${seed()})`, () => {
  test('without a change in theirs the owner’s text stays byte for byte', () => {
    fc.assert(
      fc.property(object, object, layout, (before, mine, style) => {
        const ours = printed(mine, style);
        expect(merged({ base: plain(before), ours, theirs: plain(before) })).toBe(ours);
      }),
      runs,
    );
  });

  test('without an edit of the owner’s the result is theirs as data, in any layout', () => {
    fc.assert(
      fc.property(object, object, layout, (before, after, style) => {
        const ours = printed(before, style);
        const result = merged({ base: plain(before), ours, theirs: plain(after) });
        expect(data(result, style)).toEqual(after);
      }),
      runs,
    );
  });

  test('the same change on both sides is there once', () => {
    fc.assert(
      fc.property(object, object, layout, (before, after, style) => {
        const ours = printed(after, style);
        expect(merged({ base: plain(before), ours, theirs: plain(after) })).toBe(ours);
      }),
      runs,
    );
  });

  test('changes of different keys are both there, and what nobody changed keeps its bytes', () => {
    fc.assert(
      fc.property(object, object, object, layout, (shared, some, others, style) => {
        // The owner's keys and the generator's differ by their case.
        const own = Object.fromEntries(Object.entries(some).map(([key, it]) => [`O${key}`, it]));
        const before = { ...shared, in: shared };
        const ours = printed({ ...before, ...own, in: { ...shared, ...own } }, style);
        const theirs = { ...before, ...others, in: { ...shared, ...others } };
        const result = merged({ base: plain(before), ours, theirs: plain(theirs) });
        expect(data(result, style)).toEqual({
          ...theirs,
          ...own,
          in: { ...shared, ...others, ...own },
        });
        for (const [key, value] of Object.entries(own)) {
          expect(result).toContain(property(key, value, style, 1));
        }
      }),
      runs,
    );
  });

  test('keys that came and go again leave the owner’s text as it was', () => {
    fc.assert(
      fc.property(object, object, object, layout, (before, mine, others, style) => {
        const added = Object.fromEntries(
          Object.entries(others).map(([key, it]) => [`N${key}`, it]),
        );
        const [less, more] = [plain(before), plain({ ...before, ...added })];
        const ours = printed(mine, style);
        const there = merged({ base: less, ours, theirs: more });
        for (const comment of commentsIn(ours)) expect(there).toContain(comment);
        expect(merged({ base: more, ours: there, theirs: less })).toBe(ours);
      }),
      runs,
    );
  });

  test('merging again changes nothing', () => {
    fc.assert(
      fc.property(object, object, object, layout, (before, mine, after, style) => {
        const texts = { base: plain(before), theirs: plain(after) };
        const once = mergeJson({ ...texts, ours: printed(mine, style) });
        if (once === undefined || once.conflicts.length > 0) return;
        expect(mergeJson({ ...texts, ours: once.text })?.text).toBe(once.text);
      }),
      runs,
    );
  });
});

type Data = Record<string, unknown>;

interface Layout {
  readonly unit: string;
  readonly oneLine: boolean;
  readonly comments: boolean;
  readonly trailingComma: boolean;
}

const layout: fc.Arbitrary<Layout> = fc.record({
  unit: fc.constantFrom('  ', '    ', '\t'),
  oneLine: fc.boolean(),
  comments: fc.boolean(),
  trailingComma: fc.boolean(),
});

const { object } = fc.letrec<{ object: Data; value: unknown }>((tie) => ({
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'x y'), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'json' },
    fc.constantFrom(0, 1, 'text', '// no comment', 'a "quote"', true, null),
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
    tie('object'),
  ),
}));

/** As the generator writes it. */
function plain(value: Data): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** As an owner may have it. */
function printed(value: unknown, style: Layout, depth = 0): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  if (style.oneLine && depth > 0) {
    const inner = entries.map(([key, it]) => property(key, it, style, depth + 1));
    return `{ ${inner.join(', ')} }`;
  }
  const lines = entries.map(([key, it], index) => {
    const comma = index < entries.length - 1 || style.trailingComma ? ',' : '';
    const comment = style.comments ? ` // about ${depth} ${index}` : '';
    return `${style.unit.repeat(depth + 1)}${property(key, it, style, depth + 1)}${comma}${comment}`;
  });
  return `{\n${lines.join('\n')}\n${style.unit.repeat(depth)}}`;
}

function property(key: string, value: unknown, style: Layout, depth: number): string {
  return `${JSON.stringify(key)}: ${printed(value, style, depth)}`;
}

function commentsIn(text: string): string[] {
  return text.match(/\/\/ about.*/g) ?? [];
}

/** The data of a text, which must be plain JSON where the layout has it so. */
function data(text = '', { comments, trailingComma }: Partial<Layout> = {}): Data {
  const bare = comments === true ? stripComments(text) : text;
  const strict = trailingComma === true ? bare.replaceAll(/,(?=\s*[}\]])/g, '') : bare;
  return JSON.parse(strict) as Data;
}

function merged(texts: Parameters<typeof mergeJson>[0]): string {
  const result = mergeJson(texts);
  expect(result?.conflicts).toEqual([]);
  return result?.text ?? '';
}
