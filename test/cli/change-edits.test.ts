import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { answersWith, answersWithout } from '../../src/commands/add.ts';
import { answersWithDomain, answersWithoutDomain } from '../../src/commands/domains.ts';
import { layouts } from '../unit/merge/support.ts';
import { expectClean, folderInRepository } from '../unit/support/checked.ts';
import { answersOf } from '../unit/support/fixtures.ts';
import {
  allContentOf,
  change,
  contentOf,
  edit,
  projectOf,
  read,
  textOf,
  write,
} from './support/changed.ts';
import { cli } from './support/cli.ts';
import { edits, expectKept, lineEndings } from './support/edits.ts';

const results = folderInRepository('edits');
let compiled = 0;

const list = 'src/domains/index.ts';

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

const isFull = countOf('FULL') > 0;
/** Commands of each kind that there is: all of them take minutes. */
const quick = new Set(['add billing', 'add-domain customers, the first', 'remove-domain invoices']);
const tried = cases
  .filter(({ command }) => isFull || quick.has(command))
  // A sample: which command an edit meets is another in another run.
  .map((each, index, { length }) => ({
    ...each,
    made: [...edits, lineEndings].filter((_, at) => isFull || (at + seed()) % length === index),
  }));

describe.each(tried)(`$command (SEED=${seed()})`, ({ before, after, made: each }) => {
  // What it leaves has to compile where it lays or takes the code of a domain.
  const laysCode = textOf(before, list) !== textOf(after, list);

  test.each(each)('keeps $name', async (made) => {
    const folder = projectOf(before);
    made.make(folder);
    const result = await change(folder, after);
    expect(result.conflicts).toEqual([]);
    expect(result.written).toBe(true);
    expectKept(folder, made);
    if (laysCode) keepForCompiler(folder);
    // Whatever else the command was to bring is there, or is told.
    const told = result.notes.map(({ path }) => path);
    const wanted = contentOf(projectOf(after));
    const accounted = new Set([...Object.keys(contentOf(folder)), ...told, ...(made.gone ?? [])]);
    expect(Object.keys(wanted).filter((path) => !accounted.has(path))).toEqual([]);
  });

  test('with an edit in the place that it changes, writes nothing and names path and line', async () => {
    const folder = projectOf(before);
    const target = await placeOfConflict(folder, after);
    // Lines that go from a list contradict nobody: those that were edited stay, and are told.
    if (target === undefined) return;
    edit(folder, target, otherwise);
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
    edit(folder, list, otherwise);
    const result = await change(folder, after);
    const told = [...result.conflicts, ...result.notes].filter(({ path }) => path === list);
    expect(told.length > 0).toBe(laysCode);
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

  test.each([
    { args: ['add-domain', 'invoices', '--fields', 'total:money'] },
    { args: ['remove-domain', 'customers'] },
  ])(
    'makes shipkit $args.0 end with 4, tell path and line, and write nothing',
    async ({ args }) => {
      const folder = projectOf(one);
      edit(folder, 'src/domains/index.ts', laidOut);
      const standing = allContentOf(folder);
      const { exitCode, stdout } = await cli(args, { cwd: folder, program: 'shipkit' });
      expect(exitCode, stdout).toBe(4);
      expect(stdout).toMatch(/^conflict src\/domains\/index\.ts:\d+/m);
      expect(allContentOf(folder)).toEqual(standing);
    },
  );
});

test('every project whose edits were kept compiles', async () => {
  // A name in the quick list that is no command's would be left out without a word.
  expect(tried.length).toBeGreaterThanOrEqual(quick.size);
  expect(compiled).toBeGreaterThan(tried.length);
  // All tests of so many projects take minutes; the owner's own are always among them.
  const own = edits.flatMap(({ test: file }) => file ?? []);
  const tests = isFull ? ['test'] : own;
  const include = ['src', 'test/support/server.ts', 'test/support/run-folder.ts', ...tests];
  const config = JSON.stringify({ extends: './tsconfig.json', include });
  // One after the other: in one program they would share what `#app/` stands for. Half a second each,
  // so that the quick run has another part of them by each seed.
  const stride = isFull ? 1 : 4;
  for (let each = seed() % stride; each < compiled; each += stride) {
    const project = join(results, String(each));
    writeFileSync(join(project, 'tsconfig.kept.json'), config);
    await expectClean(project, 'typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.kept.json']);
  }
}, 3_600_000);

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
  edit(folder, 'src/domains/customers/service.ts', (text) => `${text}// mine\n`);
  edit(folder, 'src/domains/customers/models.ts', (text) =>
    text.replace("'customers',", '$& // mine'),
  );
  const result = await change(folder, plain);
  const path = 'src/domains/customers/service.ts';
  expect(result.notes).toMatchObject([
    { path, kind: 'kept' },
    { path, kind: 'imports' },
  ]);
  expect(read(folder, 'src/domains/customers/service.ts')).toContain('// mine');
  expect(contentOf(folder)).not.toHaveProperty(['src/domains/customers/models.ts']);
  expect(read(folder, 'src/database/retired.ts')).toContain("'customers', // mine");
  expect(read(folder, 'src/database/schema.ts')).toContain("export * from './retired.ts';");
});

/** Keeps what a command left, to be compiled. */
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
