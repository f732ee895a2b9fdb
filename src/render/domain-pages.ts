import { type Field, propertyOf } from '../catalog/domains/fields.ts';
import { capital, type DomainNames, namesOf, wordsOf } from '../catalog/domains/names.ts';
import { kinds } from './domain-kinds.ts';
import { call, list } from './layout.ts';

/** Columns of a list, beside those that every list has. */
const columnLimit = 4;

/** What a field is called on the pages of its domain: `Due date`. */
function labelOf({ name }: Field): string {
  return capital(wordsOf(name).join(' '));
}

/** The line that says how the field is typed into a form. */
export function typedLine(field: Field, names: DomainNames): string {
  const property = propertyOf(field);
  const items = [`'${labelOf(field)}'`, ...inputOptions(field, names)];
  const maker = `input.${inputOf(field)}`;
  if (field.optional !== true) return call(`${property}: ${maker}`, items, ',', 2);
  const line = `${property}: input.optional(${maker}(${items.join(', ')})),`;
  if (line.length + 2 <= 100) return line;
  return `${property}: input.optional(\n    ${call(maker, items, ',', 4)}\n  ),`;
}

/** The columns in the list of a domain: what tells its rows apart at a glance. */
export function columnsOf(fields: readonly Field[]): string {
  const short = fields.filter(({ type }) => type !== 'text' && type !== 'url');
  const columns = (short.length > 0 ? short.slice(0, columnLimit) : fields.slice(0, 1)).map(
    (field) => `column('${labelOf(field)}', (row) => row.${propertyOf(field)})`,
  );
  return list('columns: ', columns, ',', 6);
}

/** What is shown of one row. The formatter gives pairs a line each, as soon as there are two. */
export function valuesOf(fields: readonly Field[]): string {
  const values = fields.map((field) => `['${labelOf(field)}', row.${propertyOf(field)}]`);
  if (values.length === 1) return list('values: ', values, ',', 6);
  return ['values: [', ...values.map((value) => `        ${value},`), '      ],'].join('\n');
}

/** The text in which markup could come, if there is any: the name of the field that holds it. */
export function textProperty(fields: readonly Field[]): string | undefined {
  return fields.find(({ type }) => type === 'string' || type === 'text')?.name;
}

/** An optional truth value can be three things, and a box only two. */
function inputOf({ type, optional }: Field): string {
  return type === 'boolean' && optional === true ? 'yesOrNo' : kinds[type].typed;
}

function inputOptions(field: Field, { many }: DomainNames): string[] {
  if (field.type === 'integer') return [`'1'`];
  if (field.type === 'enum') return [`${many}.${field.name}.enumValues`];
  return field.target === undefined ? [] : [`'${namesOf(field.target).things}'`];
}
