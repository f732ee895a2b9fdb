import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import {
  asKept,
  bringBack,
  retire,
  tablesChanged,
  withoutTables,
  withRetired,
} from '../../src/project/retired.ts';
import { isUsed } from '../../src/project/declarations.ts';
import { render } from '../../src/render/render.ts';
import { seed } from '../../scripts/lib/counts.ts';
import { templates } from './support/combinations.ts';
import { answersOf } from './support/fixtures.ts';

const domains = [
  { name: 'customers', fields: parseFields('name:string,email:email:unique') },
  { name: 'invoices', fields: parseFields('total:money,customer:ref(customers),state:enum(a|b)') },
  { name: 'line-items', fields: parseFields('text:text,invoice:ref(invoices)?,due:date') },
];
const tree = render(answersOf({ domains }), templates, { version: '1.0.0' });
const pathOf = (name: string) => `src/domains/${name}/models.ts`;
const models = (name: string) => String(tree.get(pathOf(name))?.content);

describe('the tables that were taken out', () => {
  test('are there in any order, each once, with what they need from elsewhere and nothing else', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(domains.map(({ name }) => name)), (names) => {
        const text = names.reduce<string | undefined>(
          (retired, name) => retire(retired, models(name), pathOf(name)),
          undefined,
        );
        for (const name of names) {
          const table = name.replace('-', '_');
          expect(text?.split(`'${table}',`)).toHaveLength(2);
          expect(text).not.toContain(`'#app/domains/${name}/`);
        }
        expect(text ?? '').not.toMatch(/from '\.\.?\//);
      }),
      { seed: seed() },
    );
  });

  test('come back in any order, until nothing is left', () => {
    const names = domains.map(({ name }) => name);
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 3 }), (order) => {
        const all = names.reduce<string | undefined>(
          (retired, name) => retire(retired, models(name), pathOf(name)),
          undefined,
        );
        const left = order.reduce<string | undefined>((retired, name) => {
          const next = retired && bringBack(retired, models(name), pathOf(name));
          expect(next ?? '').not.toContain(`'${name.replace('-', '_')}',`);
          return next;
        }, all);
        expect(left).toBeUndefined();
      }),
      { seed: seed() },
    );
  });

  test('that stay take what they refer to from where it is again', () => {
    const both = retire(
      retire(undefined, models('invoices'), pathOf('invoices')),
      models('customers'),
      pathOf('customers'),
    );
    expect(both).not.toContain('#app/domains/customers');
    const left = bringBack(both, models('customers'), pathOf('customers'));
    expect(left).toContain("import { customers } from '#app/domains/customers/models.ts';");
  });

  test('keep the words and helpers of their owner, whatever these hold', () => {
    const own = `import type { Money } from './money.ts';
import { mysqlTable } from 'drizzle-orm/mysql-core';

/* a { brace and a ' quote */
const states = ['a;', "b'}", \`c\${1}{\`] as const;

// Mine: }
export const things = mysqlTable('things', {
  state: text('state', { enum: states }), // ; here
  price: text('price').$type<Money>(),
});
`;
    const text = retire(undefined, own, 'src/domains/things/models.ts');
    expect(text).toContain("import type { Money } from '#app/domains/things/money.ts';");
    expect(text).toContain("/* a { brace and a ' quote */\nconst states =");
    expect(text).toContain('// Mine: }\nexport const things =');
    expect(bringBack(text, own, 'src/domains/things/models.ts')).toBeUndefined();
    expect(retire(text, own, 'src/domains/things/models.ts')).toBe(text);
  });
});

describe('a table that comes again', () => {
  const text = models('invoices');
  const retired = retire(undefined, text, pathOf('invoices'));

  test('is the same whatever its spaces and comments', () => {
    const spaced = retired
      .replaceAll(/\n {2,}/g, '\n      ')
      .replace('    total: ', "    // Mine, 'all' of it\n    total:   ");
    expect(spaced).not.toBe(retired);
    expect(tablesChanged(spaced, text)).toEqual([]);
    expect(tablesChanged(retired, models('customers'))).toEqual([]);
  });

  test('tells which columns go, come and change', () => {
    const fields = parseFields('total:money?,customer:ref(customers),paid:boolean');
    const given = [
      { name: 'customers', fields: [] },
      { name: 'invoices', fields },
    ];
    const other = render(answersOf({ domains: given }), templates, { version: '1.0.0' });
    const next = String(other.get(pathOf('invoices'))?.content);
    const table = 'invoices';
    expect(tablesChanged(retired, next)).toEqual([
      { table, columns: ['total', 'state', 'paid'], hasAll: false },
    ]);
    const indexed = retired.replace("index('", "index('own_");
    expect(tablesChanged(indexed, text)).toEqual([{ table, columns: [], hasAll: false }]);
    const wider = retired.replace("index('", "index('own').on(table.id),\n    index('");
    expect(tablesChanged(wider, text)).toEqual([{ table, columns: [], hasAll: true }]);
    expect(asKept(wider, text)).toContain("index('own')");
    const both = retire(retired, models('customers'), pathOf('customers'));
    expect(tablesChanged(both, `${models('customers')}\n${next}`)).toHaveLength(1);
  });
});

test('a name is used where it stands, not where something has a member of that name', () => {
  expect(isUsed('primaryKey', "uuid('id').primaryKey()")).toBe(false);
  expect(isUsed('primaryKey', 'x\n  .primaryKey()')).toBe(false);
  expect(isUsed('primaryKey', '[primaryKey({ columns: [] })]')).toBe(true);
  expect(isUsed('shared', '{ ...shared }')).toBe(true);
});

describe('a table that is dropped later', () => {
  const customers = retire(undefined, models('customers'), pathOf('customers'));
  const both = retire(customers, models('invoices'), pathOf('invoices'));

  test('goes alone, and the last one with the file', () => {
    expect(withoutTables(customers, ['customers'])).toEqual({ left: undefined });
    const { left } = withoutTables(both, ['invoices']) as { left: string };
    expect(left).toBe(customers);
    expect(withoutTables(both, ['customers', 'invoices'])).toEqual({ left: undefined });
  });

  test('stays while another one refers to it', () => {
    expect(withoutTables(both, ['customers'])).toEqual({ neededBy: 'invoices' });
  });
});

test('the schema lists them as long as there are any', () => {
  const schema = "export * from '../a.ts';\n";
  const listed = withRetired(schema, true);
  expect(listed).toBe("export * from '../a.ts';\nexport * from './retired.ts';\n");
  expect(withRetired(listed, true)).toBe(listed);
  expect(withRetired(listed, false)).toBe(schema);
});
