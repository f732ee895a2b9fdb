import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { root } from '../../scripts/lib/root.ts';
import { namesOf, normaliseDomain, refuseKeptName } from '../../src/catalog/domains/names.ts';
import { refuseDomainName } from '../../src/catalog/domains/taken.ts';
import { catalog } from '../../src/catalog/features.ts';
import { nameInput, outcomeOf } from './support/domains.ts';

const runs = { numRuns: countOf('RUNS') * 10, seed: seed() };

describe('the name of a domain', () => {
  test.each([
    ['Invoice', 'invoices'],
    ['invoice', 'invoices'],
    ['invoices', 'invoices'],
    [' Invoices ', 'invoices'],
    ['lineItem', 'line-items'],
    ['LineItems', 'line-items'],
    ['line_items', 'line-items'],
    ['line items', 'line-items'],
    ['APIKey', 'api-keys'],
    ['news', 'news'],
    ['Equipment', 'equipment'],
    ['data', 'data'],
    ['series', 'series'],
    ['status', 'statuses'],
    ['statuses', 'statuses'],
    ['person', 'people'],
    ['child', 'children'],
    ['category', 'categories'],
    ['company', 'companies'],
    ['address', 'addresses'],
    ['cache', 'caches'],
    ['lens', 'lenses'],
    ['box', 'boxes'],
    ['order', 'orders'],
    ['select', 'selects'],
    ['class', 'classes'],
    ['constructor', 'constructors'],
    ['toString', 'to-strings'],
    ['x', 'xes'],
    ['page', 'pages'],
    ['client', 'clients'],
    ['route', 'routes'],
    ['event', 'events'],
    ['level 2 name', 'level2-names'],
    ['SKU', 'skus'],
    ['a-name-as-long-as-can', 'a-name-as-long-as-cans'],
    ['quarterly-report-entry', 'quarterly-report-entries'],
  ])('%s is kept as %s', (input, name) => {
    expect(normaliseDomain(input)).toBe(name);
  });

  test.each([
    ['', 'it has no name'],
    ['  ', 'it has no name'],
    ['__proto__', 'does not start with a letter'],
    ['2nd', 'does not start with a letter'],
    ['étage', 'does not start with a letter'],
    ['café', 'characters other than'],
    ['a/b', 'characters other than'],
    ['../auth', 'does not start with a letter'],
    ['a-name-that-is-far-too-long', 'at most 24 fit'],
    ['user', 'every project has something of that name'],
    ['accounts', 'every project has something of that name'],
    ['Session', 'every project has something of that name'],
    ['docs', 'every project has something of that name'],
    ['health', 'every project has something of that name'],
    ['settings', 'every project has something of that name'],
    ['billing', 'it belongs to a feature of the catalog'],
    ['Admin', 'it belongs to a feature of the catalog'],
    ['billing-invoice', 'it belongs to a feature of the catalog'],
    ['WebhookEvent', 'it belongs to a feature of the catalog'],
    ['queue', 'it belongs to a feature of the catalog'],
    ['rateLimits', 'it belongs to a feature of the catalog'],
    ['group', 'groups is a reserved word of SQL'],
    ['row', 'rows is a reserved word of SQL'],
    ['key', 'keys is a reserved word of SQL'],
    ['value', 'values is a reserved word of SQL'],
    ['a', 'as is a reserved word of SQL'],
    ['date', 'Date is a type of JavaScript or TypeScript'],
    ['Records', 'Record is a type of JavaScript or TypeScript'],
    ['promise', 'Promise is a type of JavaScript or TypeScript'],
    ['registration', 'the API has a type Registration already'],
    ['problems', 'the API has a type Problem already'],
  ])('%j is refused, because %s', (input, reason) => {
    expect(() => normaliseDomain(input)).toThrow(reason);
  });

  test('whatever is typed is refused in one sentence, or kept under a name that stays', () => {
    fc.assert(
      fc.property(nameInput, (input) => {
        const name = outcomeOf(() => normaliseDomain(input));
        expect(name instanceof Error ? isSentence(name.message) : isKept(name)).toBe(true);
      }),
      runs,
    );
  });

  test('two that are kept apart have different tables, constants, types and codes', () => {
    const kept = new Map<string, string>();
    for (const input of fc.sample(nameInput, runs)) {
      const name = outcomeOf(() => normaliseDomain(input));
      if (name instanceof Error) continue;
      const { table, many } = namesOf(name);
      for (const each of [`table ${table}`, `constant ${many}`]) {
        expect(kept.get(each) ?? name).toBe(name);
        kept.set(each, name);
      }
    }
    expect(kept.size).toBeGreaterThan(100);
  });
});

describe('what every project has', () => {
  const templates = join(root, 'templates');
  const sources = globSync('{base,features,pairs,domains}/**/*.ts{,.hbs}', { cwd: templates });
  const text = sources.map((file) => readFileSync(join(templates, file), 'utf8')).join('\n');
  const names = [
    // What lies in a folder of test/ cannot be met: the tests of a domain lie in test/ itself.
    ...sources.flatMap((file) => /(?:^|\/)test\/([\w-]+)\.test\.ts$/.exec(file)?.[1] ?? []),
    ...sources.flatMap((file) => /(?:^|\/)test\/support\/([\w-]+)\.ts$/.exec(file)?.[1] ?? []),
    ...sources.flatMap((file) => /\/src\/domains\/([\w-]+)\//.exec(file)?.[1] ?? []),
    ...[...text.matchAll(/mysqlTable\(\s*'(?!test_)(\w+)'/g)].map(([, name = '']) => name),
    ...catalog.map(({ name }) => name),
  ];

  test.each([...new Set(names)])('%s cannot be the path of a domain', (name) => {
    expect(refuseKeptName(name.replaceAll('_', '-'))).toBeDefined();
  });

  const models = globSync('{base,features,pairs}/**/models.ts', { cwd: templates });
  const constants = models.flatMap((file) =>
    [...readFileSync(join(templates, file), 'utf8').matchAll(/^export const (\w+)/gm)].map(
      ([, name = '']) => name,
    ),
  );

  // They are kept in database/retired.ts when their feature goes, and all else of it is gone then.
  test.each(models)('%s takes nothing of what is not a table', (file) => {
    const imported = [...readFileSync(join(templates, file), 'utf8').matchAll(/from '([^']+)'/g)];
    const allowed = /^(?:drizzle-orm.*|#app\/database\/columns\.ts|(?:#app|\.\.?)\/.*models\.ts)$/;
    expect(imported.map(([, from = '']) => from).filter((from) => !allowed.test(from))).toEqual([]);
  });

  test.each(constants)('%s is not what the table of a domain is called', (constant) => {
    const name = constant.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const taken = refuseKeptName(name) !== undefined;
    expect(taken || namesOf(normaliseDomain(name)).many !== constant).toBe(true);
  });

  const types = [...text.matchAll(/\.meta\(\{ id: '(\w+)'/g)].map(([, name = '']) => name);

  test.each([...new Set(types)])('the type %s cannot be given by a domain', (type) => {
    const One = type.replace(/^New|Changes$/, '');
    const reason = refuseDomainName({ ...namesOf('things'), One });
    expect(reason).toMatch(/^the API has a type \w+ already$/);
    expect(reason).toContain(One);
  });
});

test.each([
  ['invoices', 'an invoice'],
  ['users-lists', 'a users list'],
  ['hours', 'an hour'],
  ['units', 'a unit'],
  ['unions', 'a union'],
  ['unknown-things', 'an unknown thing'],
  ['line-items', 'a line item'],
])('one of %s is %s', (name, words) => {
  expect(namesOf(name).aThing).toBe(words);
});

function isSentence(text: string): boolean {
  return /^[A-Z"][^\n]*\.$/.test(text);
}

function isKept(name: string): boolean {
  return (
    /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) &&
    name.length <= 24 &&
    normaliseDomain(name) === name &&
    refuseKeptName(name) === undefined
  );
}
