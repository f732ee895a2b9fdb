import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { parseAnswers } from '../../src/catalog/answers.ts';
import { referrersOf, refuseDomains, withDomain } from '../../src/catalog/domains/domains.ts';
import { defaultFields, type Domain, type Field } from '../../src/catalog/domains/fields.ts';
import { formatFields, parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { refuseFields } from '../../src/catalog/domains/refuse-fields.ts';
import { outcomeOf, randomDomains } from './support/domains.ts';

const runs = { numRuns: countOf('RUNS'), seed: seed() };

describe('the text of --fields', () => {
  test('names each field, its type and what holds for it', () => {
    const text =
      'title:string,amount:money,due:date?,status:enum(draft|sent),customer:ref(customers),slug:string:unique';
    expect(parseFields(text)).toEqual([
      { name: 'title', type: 'string' },
      { name: 'amount', type: 'money' },
      { name: 'due', type: 'date', optional: true },
      { name: 'status', type: 'enum', options: ['draft', 'sent'] },
      { name: 'customer', type: 'ref', target: 'customers' },
      { name: 'slug', type: 'string', unique: true },
    ]);
    expect(formatFields(parseFields(text))).toBe(text);
  });

  test('takes names in any common form, and blanks anywhere', () => {
    expect(
      parseFields(
        ' due_date : date ? , PaidAt:datetime, e-mail:email? :unique, by:ref( Line item )',
      ),
    ).toEqual([
      { name: 'dueDate', type: 'date', optional: true },
      { name: 'paidAt', type: 'datetime' },
      { name: 'eMail', type: 'email', optional: true, unique: true },
      { name: 'by', type: 'ref', target: 'line-items' },
    ]);
  });

  test('is what the fields of any domain are written as', () => {
    const random = fc.nat().map((number) => randomDomains(3, number));
    fc.assert(
      fc.property(random, (domains) => {
        for (const { fields } of domains) expect(parseFields(formatFields(fields))).toEqual(fields);
      }),
      runs,
    );
  });

  test.each([
    ['', 'A domain needs at least one field, such as name:string.'],
    ['title', 'The field "title" has no type: write it as title:string.'],
    [':string', 'has no name: write it as title:string.'],
    ['title:string,', 'has no name'],
    [
      'title:strng',
      'The field "title" has no type "strng", perhaps string: there is string, text,',
    ],
    ['title:', 'The field "title" has no type "": there is string'],
    ['title:string:uniq', 'The field "title" has ":uniq" after its type, where only :unique can'],
    [
      'title:string(9)',
      'The field "title" has brackets, which only enum(a|b) and ref(domain) have.',
    ],
    ['status:enum', 'The field "status" cannot be: it is written enum(draft|sent)'],
    ['status:enum()', 'its option "" is not a letter followed by'],
    ['status:enum(a|A)', 'two of its options are the same'],
    ["status:enum(it's)", 'its option "it\'s" is not a letter followed by'],
    ['status:enum(a):unique', 'only as many rows as options could have it'],
    ['customer:ref', 'it is written ref(customers), with a domain'],
    ['customer:ref()', '"" cannot be a domain: it has no name.'],
    ['customerId:ref(customers)', 'a reference is named without Id, as customer:ref(…)'],
    ['account:ref(customers)', 'every domain has accountId by itself'],
    ['customer:ref(customers),customerId:string', 'customerId is there already'],
    [
      'customer:ref(customers),customerFk:string:unique',
      'its key customer_fk would be there twice',
    ],
    ['a:string,A:text', 'The field "a" cannot be: a is there already.'],
    ['id:string', 'every domain has id by itself'],
    ['account_id:string', 'every domain has accountId by itself'],
    ['createdAt:datetime', 'every domain has createdAt by itself'],
    ['cursor:string', 'every domain has cursor by itself'],
    ['limit:integer', 'every domain has limit by itself'],
    ['order:integer', 'order is a reserved word of SQL'],
    ['rank:integer', 'rank is a reserved word of SQL'],
    ['class:string', 'class is a reserved word of JavaScript'],
    ['constructor:string', 'constructor means something for every object'],
    ['toString:string', 'toString means something for every object'],
    ['then:string', 'then is a reserved word of SQL'],
    ['__proto__:string', 'its name does not start with a letter from a to z'],
    ['hasOwnProperty:string', 'hasOwnProperty means something for every object'],
    ['dbRowId:string', 'the database keeps db_row_id for itself'],
    ['größe:integer', 'characters other than letters from a to z'],
    ['2nd:string', 'does not start with a letter'],
    ['aNameThatIsFarTooLongForIt:string', 'has 34 characters, at most 32 fit'],
    ['notes:text:unique', 'a text is too long for an index'],
    ['rate:number:unique', 'numbers with fractions are never safely equal'],
    ['paid:boolean:unique', 'only two rows could have it'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => parseFields(text)).toThrow(reason);
  });

  test('is refused in one sentence, whatever it says', () => {
    const part = fc.constantFrom(
      ...'a title : , ( ) ? | string enum(a|b) ref(x) :unique é'.split(' '),
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const fields = outcomeOf(() => parseFields(given));
        const sentence = fields instanceof Error ? fields.message : refuseFields(fields);
        expect(sentence ?? 'It is fine.').toMatch(/^[A-Z"][^]*\.$/);
        expect(fields instanceof Error).toBe(sentence !== undefined);
      }),
      { ...runs, numRuns: runs.numRuns * 10 },
    );
  });

  test('holds at most as many fields as fit into a row', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index): Field => ({ name: `f${index}`, type: 'url' }));
    expect(refuseFields(many(30))).toBeUndefined();
    expect(refuseFields(many(31))).toBe('A domain can have 30 fields, and these are 31.');
  });
});

describe('the domains of a project', () => {
  const customers: Domain = { name: 'customers', fields: defaultFields };
  const invoices: Domain = { name: 'invoices', fields: parseFields('customer:ref(customers)') };

  test('refer to those before them', () => {
    expect(withDomain([customers], invoices)).toEqual([customers, invoices]);
    expect(referrersOf('customers', [customers, invoices])).toEqual(['invoices']);
    expect(() => withDomain([], invoices)).toThrow(
      'invoices.customer refers to customers, and there is no such domain.',
    );
    expect(refuseDomains([invoices, customers])).toContain('there is no such domain');
  });

  test('refer to themselves where that can be left out', () => {
    const categories = (text: string) => ({ name: 'categories', fields: parseFields(text) });
    expect(refuseDomains([categories('parent:ref(categories)?')])).toBeUndefined();
    expect(refuseDomains([categories('parent:ref(category)')])).toBe(
      'categories.parent refers to categories itself and has to be optional, ref(categories)?, because the first one has none to refer to.',
    );
    expect(referrersOf('categories', [categories('parent:ref(category)?')])).toEqual([]);
  });

  test.each([
    [[customers, customers], 'There is a domain customers already.'],
    [
      [invoices, { name: 'new-invoices', fields: defaultFields }],
      'new-invoices would have the type NewInvoice, which invoices has already.',
    ],
    [
      [
        { name: 'orders', fields: parseFields('linesCustomer:ref(customers)') },
        { name: 'orders-lines', fields: parseFields('customer:ref(customers)') },
      ],
      'orders-lines would have the key orders_lines_customer_fk, which orders has already.',
    ],
  ])('cannot have the same name, type or key: %#', (domains, reason) => {
    expect(refuseDomains([customers, ...domains].slice(domains[0] === customers ? 1 : 0))).toBe(
      reason,
    );
  });

  test('are kept in a config file as they are in the manifest', () => {
    const domains = [
      { name: 'customers', fields: [{ name: 'name', type: 'string', unique: true }] },
      { name: 'invoices', fields: [{ name: 'customer', type: 'ref', target: 'customers' }] },
    ];
    expect(parseAnswers({ domains }, (path) => path)).toEqual({ domains });
  });

  test.each([
    [[{ name: 'invoice', fields: defaultFields }], 'domains[0].name: "invoice" cannot be a domain'],
    [[{ name: '../auth', fields: defaultFields }], 'domains[0].name: '],
    [[{ name: 'users', fields: defaultFields }], 'domains[0].name: "users" cannot be a domain'],
    [[{ name: 'things', fields: [{ name: 'a', type: 'sting' }] }], 'domains[0].fields[0].type: '],
    [[{ name: 'things', fields: [] }], 'domains: A domain needs at least one field'],
    [[{ name: 'things', fields: defaultFields, table: 'x' }], 'unknown field "table"'],
  ])('%j is refused by the path of the field', (domains, message) => {
    expect(() => parseAnswers({ domains }, (path) => path)).toThrow(message);
  });
});
