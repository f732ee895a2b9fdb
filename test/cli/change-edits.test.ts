import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { answersWith, answersWithout } from '../../src/commands/add.ts';
import { answersWithDomain, answersWithoutDomain } from '../../src/commands/domains.ts';
import { layouts } from '../unit/merge/support.ts';
import { answersOf } from '../unit/support/fixtures.ts';
import { change, contentOf, projectOf, read, write } from './support/changed.ts';

// Under the repository, so that the generated code finds its dependencies.
mkdirSync(join(root, '.cache'), { recursive: true });
const results = mkdtempSync(join(root, '.cache', 'edits-'));
let compiled = 0;

afterAll(() => {
  rmSync(results, { recursive: true, force: true });
});

interface Case {
  readonly command: string;
  readonly before: ProjectAnswers;
  readonly after: ProjectAnswers;
}

const plain = answersOf();
const customers = { name: 'customers', fields: parseFields('name:string,email:email:unique') };
const invoices = { name: 'invoices', fields: parseFields('total:money,customer:ref(customers)') };
const one = answersWithDomain(plain, customers);
const both = answersWithDomain(one, invoices);

const cases: readonly Case[] = [
  ...offeredIn(catalog).flatMap(({ name }) => {
    const without = answersWithout(plain, [name]);
    const present = answersWith(without, { features: [name] });
    return [
      { command: `add ${name}`, before: without, after: present },
      { command: `remove ${name}`, before: present, after: without },
    ];
  }),
  { command: 'add-domain customers, the first', before: plain, after: one },
  { command: 'add-domain invoices, one more', before: one, after: both },
  {
    command: 'remove-domain invoices',
    before: both,
    after: answersWithoutDomain(both, 'invoices').answers,
  },
  {
    command: 'remove-domain customers, the last',
    before: one,
    after: answersWithoutDomain(one, 'customers').answers,
  },
];

interface Edit {
  readonly name: string;
  readonly make: (folder: string) => void;
  /** Whether it leaves the project one that compiles. */
  readonly compiles?: false;
  /** Lines that must stand afterwards. */
  readonly stands?: readonly [file: string, line: string][];
  /** Files that must not. */
  readonly gone?: readonly string[];
}

const edits: readonly Edit[] = [
  {
    name: 'a function added',
    make: (folder) =>
      append(folder, 'src/domains/auth/service.ts', '\nexport function mine() {}\n'),
    stands: [['src/domains/auth/service.ts', 'export function mine() {}']],
  },
  {
    name: 'imports reordered',
    make: (folder) =>
      edit(folder, 'src/domains/auth/router.ts', (text) => {
        const [first = '', second = '', ...rest] = text.split('\n');
        return [second, first, ...rest].join('\n');
      }),
    stands: [
      ['src/domains/auth/router.ts', "import { unauthenticated } from '#app/http/errors.ts';"],
    ],
  },
  {
    name: 'a file renamed',
    compiles: false,
    make: (folder) =>
      renameSync(join(folder, 'src/http/health.ts'), join(folder, 'src/http/healthy.ts')),
    stands: [['src/http/healthy.ts', 'import']],
    gone: ['src/http/health.ts'],
  },
  {
    name: 'a route changed',
    make: (folder) =>
      edit(folder, 'src/domains/auth/router.ts', replacing('/v1/auth/me', '/v1/me')),
    stands: [['src/domains/auth/router.ts', "      path: '/v1/me',"]],
  },
  {
    name: 'an entry added to the list of domains by hand',
    make: (folder) => {
      const router = "export { authRoutes as ownRoutes } from '../auth/router.ts';\n";
      write(folder, 'src/domains/own/router.ts', router);
      edit(folder, 'src/domains/index.ts', (text) =>
        text
          .replace(
            'import { authRoutes }',
            "import { ownRoutes } from './own/router.ts';\nimport { authRoutes }",
          )
          .replace('  auth: authRoutes,', '  auth: authRoutes,\n  own: ownRoutes,'),
      );
    },
    stands: [
      ['src/domains/index.ts', "import { ownRoutes } from './own/router.ts';"],
      ['src/domains/index.ts', '  own: ownRoutes,'],
    ],
  },
  {
    name: 'a table added to the schema by hand',
    make: (folder) => {
      write(folder, 'src/domains/own/models.ts', 'export {};\n');
      append(folder, 'src/database/schema.ts', "export * from '../domains/own/models.ts';\n");
    },
    stands: [['src/database/schema.ts', "export * from '../domains/own/models.ts';"]],
  },
  {
    name: 'a setting and a script added',
    make: (folder) => {
      append(folder, '.env.example', '\n# Mine\n# OWN=1\n');
      edit(folder, 'package.json', replacing('"scripts": {', '"scripts": {\n    "mine": "echo",'));
    },
    stands: [
      ['.env.example', '# OWN=1'],
      ['package.json', '    "mine": "echo",'],
    ],
  },
  {
    name: 'a file deleted',
    make: (folder) => {
      rmSync(join(folder, 'README.md'));
    },
    gone: ['README.md'],
  },
  {
    name: 'everything with CRLF',
    make: (folder) => {
      for (const file of Object.keys(contentOf(folder)).filter((path) => !path.endsWith('.br'))) {
        edit(folder, file, (text) => text.replaceAll('\n', '\r\n'));
      }
    },
    stands: [['src/domains/index.ts', '  auth: authRoutes,\r']],
  },
  {
    name: 'a list laid out otherwise',
    make: (folder) =>
      edit(
        folder,
        'src/domains/index.ts',
        replacing('  auth: authRoutes,', '  auth:   authRoutes,'),
      ),
  },
  {
    name: 'the whole of a file that does not change',
    make: (folder) => edit(folder, 'src/log.ts', (text) => text.replaceAll('  ', '\t')),
  },
];

describe.each(cases)('$command', ({ before, after }) => {
  test.each(edits)('keeps $name', async ({ make, compiles = true, stands = [], gone = [] }) => {
    const folder = projectOf(before);
    make(folder);
    const result = await change(folder, after);
    expect(result.conflicts).toEqual([]);
    expect(result.written).toBe(true);
    const files = contentOf(folder);
    for (const [file, line] of stands) {
      expect(files[file]).toContain(line);
    }
    for (const file of gone) expect(files).not.toHaveProperty([file]);
    if (compiles) keepForCompiler(folder);
    // Whatever else the command was to bring is there, or is told.
    const told = new Set(result.notes.map(({ path }) => path));
    const wanted = contentOf(projectOf(after));
    const missing = Object.keys(wanted).filter((path) => !(path in files) && !told.has(path));
    expect(missing.filter((path) => !gone.includes(path))).toEqual([]);
  });

  test('with an edit in the place that it changes, writes nothing and names path and line', async () => {
    const folder = projectOf(before);
    const target = await placeOfConflict(folder, after);
    // Lines that go from a list contradict nobody: those that were edited stay, and are told.
    if (target === undefined) return;
    edit(folder, target, (text) => otherwise(text));
    const standing = contentOf(folder);
    const result = await change(folder, after);
    expect(result.written).toBe(false);
    expect(contentOf(folder)).toEqual(standing);
    expect(result.conflicts).toContainEqual(
      expect.objectContaining({ path: target, lines: [expect.any(Number)] }),
    );

    const allowed = await change(folder, after, { allowConflicts: true });
    expect(allowed.written).toBe(true);
    const lines = read(folder, target).split('\n');
    for (const { lines: at } of allowed.conflicts.filter(({ path }) => path === target)) {
      for (const line of at) expect(lines[line - 1]).toMatch(/^<<<<<<< yours/);
    }
  });

  test('leaves a line of a list that was edited, and tells it', async () => {
    const folder = projectOf(before);
    const list = 'src/domains/index.ts';
    edit(folder, list, (text) => otherwise(text));
    const result = await change(folder, after);
    const told = [...result.conflicts, ...result.notes].filter(({ path }) => path === list);
    const changes = before.domains.length !== after.domains.length;
    expect(told.length > 0).toBe(changes);
  });
});

describe.each(layouts)('a list of domains that is $name', ({ laidOut }) => {
  test.each([
    { command: 'add-domain', before: one, after: both, hand: 'invoices: invoicesRoutes,' },
    { command: 'remove-domain', before: one, after: plain, hand: 'customers: customersRoutes,' },
  ])('is left as it is by $command, which says what to do by hand', async (entry) => {
    const folder = projectOf(entry.before);
    edit(folder, 'src/domains/index.ts', laidOut);
    const standing = contentOf(folder);
    const result = await change(folder, entry.after);
    expect(result.written).toBe(false);
    expect(contentOf(folder)).toEqual(standing);
    expect(result.conflicts).toMatchObject([
      {
        path: 'src/domains/index.ts',
        lines: [expect.any(Number)],
        reason: expect.stringContaining(entry.hand),
      },
    ]);
  });
});

test('every project whose edits were kept compiles', async () => {
  expect(compiled).toBeGreaterThan(cases.length);
  const config = { extends: './0/tsconfig.json', include: ['*/src', '*/test'] };
  writeFileSync(join(results, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { exitCode, all } = await execa(process.execPath, [tsc, '--noEmit'], {
    cwd: results,
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
});

test('a new file never takes the place of one that is there', async () => {
  const folder = projectOf(plain);
  write(folder, 'src/domains/customers/models.ts', 'mine\n');
  const standing = contentOf(folder);
  const result = await change(folder, one);
  expect(result.conflicts).toMatchObject([
    { path: 'src/domains/customers/models.ts', kind: 'taken' },
  ]);
  expect(contentOf(folder)).toEqual(standing);
});

test('edited files of a domain that goes are kept and told, and its models move', async () => {
  const folder = projectOf(one);
  append(folder, 'src/domains/customers/service.ts', '// mine\n');
  edit(
    folder,
    'src/domains/customers/models.ts',
    replacing("'customers',", "'customers', // mine"),
  );
  const result = await change(folder, plain);
  expect(result.notes).toMatchObject([{ path: 'src/domains/customers/service.ts', kind: 'kept' }]);
  expect(read(folder, 'src/domains/customers/service.ts')).toContain('// mine');
  expect(contentOf(folder)).not.toHaveProperty(['src/domains/customers/models.ts']);
  expect(read(folder, 'src/database/retired.ts')).toContain("'customers', // mine");
  expect(read(folder, 'src/database/schema.ts')).toContain("export * from './retired.ts';");
});

/** Keeps what a command left, for all to be compiled at once. */
function keepForCompiler(folder: string): void {
  const kept = join(results, String(compiled));
  for (const part of ['src', 'test', 'dev', 'package.json', 'tsconfig.json']) {
    cpSync(join(folder, part), join(kept, part), { recursive: true });
  }
  compiled += 1;
}

/** A file in which an edit everywhere contradicts the change; undefined where there is none. */
async function placeOfConflict(folder: string, after: ProjectAnswers): Promise<string | undefined> {
  const { changes } = await change(folder, after, { dryRun: true });
  const text = changes.find(({ kind, path }) => kind === 'replace' && path.endsWith('.md'));
  const adds = changes.some(({ kind, path }) => kind === 'create' && path.endsWith('/router.ts'));
  return text?.path ?? (adds ? 'src/domains/index.ts' : undefined);
}

/** Every line another, as if its owner had written it anew. */
function otherwise(text: string): string {
  return text
    .split('\n')
    .map((line, index) => (line.trim() === '' ? line : `${line} // ${index}`))
    .join('\n');
}

function edit(folder: string, file: string, how: (text: string) => string): void {
  write(folder, file, how(read(folder, file)));
}

function append(folder: string, file: string, text: string): void {
  edit(folder, file, (before) => before + text);
}

function replacing(from: string, to: string): (text: string) => string {
  return (text) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
}
