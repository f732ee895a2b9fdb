import { columnOf, type Field, propertyOf } from '../catalog/domains/fields.ts';
import type { DomainNames } from '../catalog/domains/names.ts';
import { kinds } from './domain-kinds.ts';
import { typedLine } from './domain-pages.ts';
import { call, chain, list, object, valueOf } from './layout.ts';

/** Spaces in front of a property in every file of a domain. */
const indent = 4;

/** The lines that a field comes to, each in the file that it is for. */
export function linesOf(field: Field, names: DomainNames) {
  const { input, output, wrong } = kinds[field.type];
  const optional = field.optional === true;
  return {
    property: propertyOf(field),
    column: columnLine(field),
    input: schemaLine(field, names, input, optional ? '.nullish()' : ''),
    output: schemaLine(field, names, output, optional ? '.nullable()' : ''),
    presented: `${propertyOf(field)}: ${presented(field)},`,
    sample: valueOf(`${propertyOf(field)}:`, sampleOf(field, names), ',', indent),
    wrong,
    typed: typedLine(field, names),
  };
}

/** The line that filters by the field, if there is anything to filter by. */
export function filterLine(field: Field, names: DomainNames): string | undefined {
  const { filter } = kinds[field.type];
  return filter && schemaLine(field, names, filter, '.optional()');
}

/** The schema of the field in a cursor, if a list can be sorted by it. */
export function sortSchema({ type, optional }: Field): string | undefined {
  return optional === true ? undefined : kinds[type].sort;
}

/** The function that makes the field's column. Unique text is compared exactly. */
export function makerOf({ type, unique }: Field): string {
  return type === 'string' && unique === true ? 'exactText' : kinds[type].column[0];
}

function columnLine(field: Field): string {
  const name = `'${columnOf(field)}'`;
  const head = `${propertyOf(field)}: ${makerOf(field)}`;
  const tail = field.optional === true ? ',' : '.notNull(),';
  if (field.type === 'enum') {
    const options = (field.options ?? []).map((option) => `'${option}'`);
    return list(`${head}(${name}, `, options, `)${tail}`, indent);
  }
  const [, option] = kinds[field.type].column;
  return option === undefined
    ? `${head}(${name})${tail}`
    : object(`${head}(${name}, `, option, `)${tail}`, indent);
}

function schemaLine(field: Field, { many }: DomainNames, schema: string, suffix: string): string {
  const property = propertyOf(field);
  if (field.type !== 'enum') return `${property}: ${schema}${suffix},`;
  const options = `${many}.${property}.enumValues`;
  if (suffix === '') return call(`${property}: z.enum`, [options], ',', indent);
  return chain(`${property}: z`, [`.enum(${options})`, suffix], ',', indent);
}

function presented(field: Field): string {
  const value = `row.${propertyOf(field)}`;
  if (field.type !== 'datetime') return value;
  return field.optional === true ? `${value}?.toISOString() ?? null` : `${value}.toISOString()`;
}

/** The value of the field in a test's `n`th row. */
export function sampleOf(field: Field, { folder }: DomainNames): string {
  return field.target === folder ? 'null' : kinds[field.type].sample(field);
}
