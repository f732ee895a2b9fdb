import type { Field, FieldType } from '../catalog/domains/fields.ts';
import { namesOf } from '../catalog/domains/names.ts';

/** The code that a type of field comes to in each file of a domain. */
export interface Kind {
  /** The function that makes its column, and what it is given after the name. */
  readonly column: readonly [maker: string, option?: string];
  /** Checks what a caller sends. */
  readonly input: string;
  /** Describes what is answered. */
  readonly output: string;
  /** Checks a value in a cursor; absent where nothing is sorted by it. */
  readonly sort?: string;
  /** Checks a value in a query; absent where nothing is filtered by it. */
  readonly filter?: string;
  /** The input of a form of the admin area. */
  readonly typed: string;
  /** The value of the `n`th row of a test. */
  readonly sample: (field: Field) => string;
  /** A value that is refused. */
  readonly wrong: string;
}

const money = `z.int().describe('In minor units.')`;

export const kinds: Readonly<Record<FieldType, Kind>> = {
  string: {
    column: ['varchar', 'length: 255'],
    input: 'z.string().trim().min(1).max(255)',
    output: 'z.string()',
    sort: 'z.string()',
    filter: 'z.string()',
    typed: 'text',
    sample: ({ name }) => numbered(`${name} `),
    wrong: `''`,
  },
  text: {
    column: ['text'],
    input: 'z.string().max(20_000)',
    output: 'z.string()',
    typed: 'longText',
    sample: ({ name }) => numbered(`${name} `),
    wrong: '1',
  },
  integer: {
    column: ['int'],
    input: 'z.int32()',
    output: 'z.int32()',
    sort: 'z.int()',
    filter: 'integerText',
    typed: 'number',
    sample: () => 'n',
    wrong: '1.5',
  },
  number: {
    column: ['double'],
    input: 'z.number()',
    output: 'z.number()',
    sort: 'z.number()',
    typed: 'number',
    sample: () => 'n / 2',
    wrong: `'many'`,
  },
  money: {
    column: ['bigint', `mode: 'number'`],
    input: money,
    output: money,
    sort: 'z.int()',
    filter: 'integerText',
    typed: 'money',
    sample: () => 'n',
    wrong: '1.5',
  },
  boolean: {
    column: ['boolean'],
    input: 'z.boolean()',
    output: 'z.boolean()',
    filter: 'booleanText',
    typed: 'checkbox',
    sample: () => 'n % 2 === 0',
    wrong: `'yes'`,
  },
  date: {
    column: ['date', `mode: 'string'`],
    input: 'day',
    output: 'z.iso.date()',
    sort: 'day',
    filter: 'day',
    typed: 'day',
    sample: () => 'day(n)',
    wrong: `'2026-02-30'`,
  },
  datetime: {
    column: ['moment'],
    input: 'moment',
    output: 'z.iso.datetime()',
    sort: 'moment',
    typed: 'moment',
    sample: () => 'moment(n)',
    wrong: `'yesterday'`,
  },
  enum: {
    column: ['mysqlEnum'],
    // Its options are in the model, and taken from there.
    input: 'z.enum',
    output: 'z.enum',
    filter: 'z.enum',
    typed: 'choice',
    sample: alternating,
    wrong: `'none of these'`,
  },
  email: {
    column: ['exactText', 'length: 254'],
    input: 'emailAddress',
    output: 'z.email()',
    sort: 'z.string()',
    filter: 'emailAddress',
    typed: 'email',
    sample: () => numbered('n', '@example.com'),
    wrong: `'nobody'`,
  },
  url: {
    column: ['asciiText', 'length: 2000'],
    input: 'webAddress',
    output: 'z.url()',
    typed: 'webAddress',
    sample: () => numbered('https://example.com/'),
    wrong: `'javascript:alert(1)'`,
  },
  ref: {
    column: ['uuid'],
    input: 'z.uuid()',
    output: 'z.uuid()',
    filter: 'z.uuid()',
    typed: 'reference',
    sample: another,
    wrong: `'no id'`,
  },
};

/** A template literal with the number of the row in it. */
function numbered(before: string, after = ''): string {
  return `\`${before}\${n}${after}\``;
}

function alternating({ options = [] }: Field): string {
  const [first = '', second] = options;
  return second === undefined ? `'${first}'` : `n % 2 === 0 ? '${first}' : '${second}'`;
}

function another({ target = '' }: Field): string {
  return `(await create${namesOf(target).One}(client)).id`;
}
