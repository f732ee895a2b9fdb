import type { Field } from '../catalog/domains/fields.ts';
import type { DomainNames } from '../catalog/domains/names.ts';
import { makerOf, sortSchema } from './domain-fields.ts';
import { kinds } from './domain-kinds.ts';
import { importOf } from './layout.ts';

const ownColumns = new Set(['asciiText', 'exactText', 'moment', 'uuid']);

const wireSchemas = ['booleanText', 'day', 'emailAddress', 'integerText', 'moment', 'webAddress'];

/** The imports of a domain's files, as far as they depend on its fields. */
export function importsOf(fields: readonly Field[], { One, folder }: DomainNames) {
  const refers = fields.some(({ type }) => type === 'ref');
  const unique = fields.some((field) => field.unique === true);
  const refersToItself = fields.some(({ target }) => target === folder);
  const makers = fields.map(makerOf);
  const schemas = new Set(
    fields.flatMap((field) => {
      const { input, filter } = kinds[field.type];
      return [input, filter, sortSchema(field)];
    }),
  );
  const drizzle = [
    ...makers.filter((maker) => !ownColumns.has(maker)),
    'index',
    'mysqlTable',
    'primaryKey',
    ...(refers ? ['foreignKey'] : []),
    ...(unique || refersToItself ? ['uniqueIndex'] : []),
  ];
  const columns = [
    ...makers.filter((maker) => ownColumns.has(maker)),
    'createdAt',
    'updatedAt',
    'uuid',
  ];
  // Every list can be sorted by a moment, that of creation.
  const wire = wireSchemas.filter((name) => name === 'moment' || schemas.has(name));
  return {
    drizzle: importOf(sortedOnce(drizzle), 'drizzle-orm/mysql-core'),
    columns: importOf(sortedOnce(columns), '#app/database/columns.ts'),
    wire: importOf(wire, '#app/http/wire.ts'),
    constraints: refers ? 'isMissingReference, isReferenced' : 'isReferenced',
    errors: ['inUse', ...(unique ? ['taken'] : []), ...(refers ? ['unknownReference'] : [])].join(
      ', ',
    ),
    schemas: importOf([`${One}Changes`, `${One}Query`, `New${One}`], './schemas.ts', 'type '),
    support: importOf([`create${One}`, `new${One}`], `./support/${folder}.ts`),
  };
}

function sortedOnce(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
}
