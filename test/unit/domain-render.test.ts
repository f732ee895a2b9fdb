import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { type Domain, fieldTypes } from '../../src/catalog/domains/fields.ts';
import { normaliseDomain } from '../../src/catalog/domains/names.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import type { Tree } from '../../src/render/tree.ts';
import { expectClean, folderInRepository, writeRepository } from './support/checked.ts';
import { rendered } from './support/combinations.ts';
import { randomDomains } from './support/domains.ts';
import { answersOf } from './support/fixtures.ts';

const folder = folderInRepository('domains');

function make(domains: readonly Domain[]) {
  return rendered(answersOf({ domains }));
}

function textOf(domains: readonly Domain[], path: string): string {
  return String(make(domains).get(path)?.content);
}

function oneOf(fields: string): Domain[] {
  return [{ name: 'line-items', fields: parseFields(fields) }];
}

describe('a domain', () => {
  test('is its own files, what any domain needs, and a line in each list', () => {
    const without = make([]);
    const tree = make(oneOf('name:string'));
    const added = [...tree.keys()].filter((path) => !without.has(path));
    expect(added.filter((path) => path.includes('line-items'))).toEqual([
      'src/domains/line-items/errors.ts',
      'src/domains/line-items/models.ts',
      'src/domains/line-items/router.ts',
      'src/domains/line-items/schemas.ts',
      'src/domains/line-items/service.ts',
      'test/line-items.test.ts',
      'test/support/line-items.ts',
    ]);
    expect(added).toContain('src/http/lists.ts');
    expect(String(tree.get('src/domains/index.ts')?.content)).toContain(
      "  'line-items': lineItemsRoutes,\n",
    );
    expect(String(tree.get('src/database/schema.ts')?.content)).toContain(
      "export * from '../domains/line-items/models.ts';\n",
    );
  });

  test('has pages in the admin area where it is to and the project has one', () => {
    const [plain, paged] = [oneOf('name:string'), oneOf('name:string')];
    const withPages = make(paged.map((domain) => ({ ...domain, admin: true as const })));
    const before = make(plain);
    const added = [...withPages.keys()].filter((path) => !before.has(path));
    expect(added.filter((path) => path.includes('line-items'))).toEqual([
      'src/domains/line-items/admin/create-page.ts',
      'src/domains/line-items/admin/edit-page.ts',
      'src/domains/line-items/admin/form.ts',
      'src/domains/line-items/admin/list-page.ts',
      'src/domains/line-items/admin/page.ts',
      'test/line-items-admin.test.ts',
    ]);
    expect(added).toContain('src/domains/admin/data/rows.ts');
    expect(changedBetween(before, withPages)).toEqual([
      '.shipkit/base.br',
      '.shipkit/manifest.json',
      'AGENTS.md',
      'src/domains/admin/pages/list.ts',
    ]);
    const text = String(withPages.get('src/domains/admin/pages/list.ts')?.content);
    expect(text).toContain("from '../../line-items/admin/list-page.ts';\n");
    expect(text).toContain('  listLineItemsPage,\n');
  });

  test('has none where the project has no admin area, whatever it is to have', () => {
    const domains = oneOf('name:string').map((domain) => ({ ...domain, admin: true as const }));
    const tree = rendered(answersOf({ domains, without: ['admin'] }));
    expect([...tree.keys()].filter((path) => path.includes('admin'))).toEqual([]);
  });

  test('changes nothing of another, even of one that it refers to', () => {
    const customers: Domain = { name: 'customers', fields: parseFields('name:string') };
    const invoices: Domain = { name: 'invoices', fields: parseFields('customer:ref(customers)') };
    const [before, after] = [make([customers]), make([customers, invoices])];
    expect(changedBetween(before, after)).toEqual([
      '.shipkit/base.br',
      '.shipkit/manifest.json',
      'src/database/schema.ts',
      'src/domains/index.ts',
      'test/support/route-calls.ts',
    ]);
  });

  test('leaves the first migration as it is: its table comes by one of its own', () => {
    const path = 'migrations/0000_initial.sql';
    expect(textOf(oneOf('name:string'), path)).toBe(textOf([], path));
  });

  test.each([
    ['models', /mysqlEnum|uniqueIndex|foreignKey|moment|exactText|MySQL/],
    ['schemas', /enum|nullish|nullable|models|day|integerText/],
    ['service', /refused|isDuplicate|isMissingReference|taken|unknownReference/],
    ['errors', /taken|unknownReference/],
    ['router', /taken|unknownReference/],
  ])('says nothing in its %s of what it does not have', (file, traces) => {
    const text = textOf(oneOf('name:string'), `src/domains/line-items/${file}.ts`);
    expect(text).not.toMatch(traces);
  });
});

function changedBetween(before: Tree, after: Tree): string[] {
  return [...before.keys()].filter(
    (path) => String(before.get(path)?.content) !== String(after.get(path)?.content),
  );
}

const nasty = [
  'class order select constructor toString x page client route event file change row-option param',
  'status data series person i2 filter answer moment table quarterly-report-entry new-thing identity',
].flatMap((names) => names.split(' '));

const nastyFields =
  'status:enum(draft|sent),day:date,moment:datetime,n:integer,input:text?,params:boolean,' +
  'client:string:unique,next:integer?,path:url,error:email?,json:money,data:text,body:string?,' +
  'count:integer,value:number,type:string,schema2:string,afieldofthelongestnamethatfitsin:integer,' +
  'amoneyofthelongestnamethatfitsin:money?,anenumofthelongestnamethatfitsin:enum(' +
  'the_longest_option_ofall|the_longest_option_there|' +
  'short)?,atimeofthelongestnamethatfits2in:datetime?';

const nastyDomains = nasty.map((name): Domain => {
  return { name: normaliseDomain(name), fields: parseFields(nastyFields), admin: true };
});

const everyType = fieldTypes.map((type) => {
  const inside = { enum: '(a|b)', ref: '(everies)' } as Record<string, string>;
  const optional = type === 'ref' ? '?' : '';
  return `${type}Field:${type}${inside[type] ?? ''}${optional},${type}Left:${type}${inside[type] ?? ''}?`;
});

const everies: Domain = { name: 'everies', fields: parseFields(everyType.join(',')), admin: true };
const nodes: Domain = { name: 'nodes', fields: parseFields('up:ref(node)?'), admin: true };

const batches: (readonly [string, Domain[]])[] = [
  ['with names that mean something elsewhere, and every type', [...nastyDomains, everies, nodes]],
  ...Array.from({ length: countOf('SEEDS') }, (_, index) => {
    const number = seed() + index;
    return [`drawn by chance (SEED=${number} SEEDS=1)`, randomDomains(25, number)] as const;
  }),
];

describe.each(batches)('domains %s', (label, domains) => {
  const project = join(folder, label.replaceAll(/\W+/g, '-'));

  test('are formatted, and pass type checks and the linter as they are', async () => {
    expect(domains.length).toBeGreaterThan(0);
    await writeRepository(make(domains), project);
    await expectClean(project, 'typescript/bin/tsc', ['--noEmit']);
    await expectClean(project, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']);
    await expectClean(project, 'oxfmt/bin/oxfmt', ['--check']);
  });
});
