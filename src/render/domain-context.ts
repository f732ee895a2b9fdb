import {
  columnOf,
  type Domain,
  type Field,
  foreignKeyOf,
  propertyOf,
} from '../catalog/domains/fields.ts';
import { type DomainNames, namesOf } from '../catalog/domains/names.ts';
import { filterLine, linesOf, sortSchema } from './domain-fields.ts';
import { importsOf } from './domain-imports.ts';
import { columnsOf, textProperty, valuesOf } from './domain-pages.ts';
import { testContext } from './domain-tests.ts';
import { call } from './layout.ts';

/** Everything that the templates of a domain name; see templates/domain. */
export function domainContext({ fields }: Domain, names: DomainNames) {
  const references = fields.flatMap((field) => referenceOf(field, names));
  const uniques = fields.flatMap((field) => uniqueOf(field, names));
  const errors = [
    ...(uniques.length > 0
      ? [errorOf('taken', `${names.code}_taken`, 409, 'Taken by another')]
      : []),
    ...(references.length > 0
      ? [errorOf('unknownReference', `${names.code}_reference_unknown`, 422, 'Refers to nothing')]
      : []),
  ];
  const inUse = errorOf('inUse', `${names.code}_in_use`, 409, 'Still referred to');
  return {
    ...names,
    fields: fields.map((field) => linesOf(field, names)),
    enums: fields.some(({ type }) => type === 'enum'),
    sorts: fields.flatMap(sortOf),
    filters: fields.flatMap((field) => filterLine(field, names) ?? []),
    references,
    refersToItself: references.some(({ folder }) => folder === names.folder),
    others: othersOf(references, names),
    uniques,
    errors: [...errors, inUse].map(({ line }) => line),
    refusals: errors.length > 0 && {
      names: errors.map(({ name }) => name).join(', '),
      codes: errors.map(({ code }) => code).join(', '),
    },
    columns: columnsOf(fields),
    values: valuesOf(fields),
    textProperty: textProperty(fields),
    caught: errors.length > 0 ? '.catch(refused)' : '',
    imports: importsOf(fields, names),
    ...testContext(fields, names),
  };
}

function sortOf(field: Field) {
  const schema = sortSchema(field);
  return schema === undefined ? [] : [{ property: propertyOf(field), schema }];
}

function referenceOf(field: Field, own: DomainNames) {
  if (field.target === undefined) return [];
  const { many, folder, One } = namesOf(field.target);
  const property = propertyOf(field);
  const key = `${own.table}_${foreignKeyOf(field)}`;
  const columns =
    folder === own.folder
      ? {
          columns: `table.${property}, table.accountId`,
          foreignColumns: 'table.id, table.accountId',
        }
      : {
          columns: `table.accountId, table.${property}`,
          foreignColumns: `${many}.accountId, ${many}.id`,
        };
  return [{ property, key, many, folder, One, ...columns }];
}

function uniqueOf(field: Field, { table }: DomainNames) {
  if (field.unique !== true) return [];
  const property = propertyOf(field);
  const key = `${table}_${columnOf(field)}`;
  const columns = ['table.accountId', `table.${property}`];
  return [{ property, key, index: call(`uniqueIndex('${key}').on`, columns, ',', 4) }];
}

/** The other domains that are referred to, each once. */
function othersOf(references: ReturnType<typeof referenceOf>, { folder }: DomainNames) {
  const others = new Map(references.map((reference) => [reference.folder, reference]));
  others.delete(folder);
  return [...others.values()];
}

function errorOf(name: string, code: string, status: number, title: string) {
  const given = [`'${code}'`, String(status), `'${title}'`];
  return { name, code, line: call(`export const ${name} = defineError`, given, ';') };
}
