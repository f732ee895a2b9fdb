import { type Field, propertyOf } from '../catalog/domains/fields.ts';
import type { DomainNames } from '../catalog/domains/names.ts';
import { filterLine, sampleOf, sortSchema } from './domain-fields.ts';
import { importOf, list } from './layout.ts';

/** What the tests of a domain name. */
export function testContext(fields: readonly Field[], names: DomainNames) {
  const { folder, One } = names;
  // A row's reference to another of its own domain stays empty: the first could have none.
  const filled = fields.filter(({ target }) => target !== folder);
  const samples = new Set(filled.map((field) => sampleOf(field, names)));
  const counted = filled.some(({ type, options }) => type !== 'ref' && options?.length !== 1);
  const refers = filled.some(({ type }) => type === 'ref');
  const some = (wanted: (field: Field) => boolean) => filled.filter(wanted).map(propertyOf);
  return {
    counted,
    client: importOf(
      [
        ...['day', 'moment'].filter((name) => samples.has(`${name}(n)`)),
        ...(counted ? ['next'] : []),
        'type Client',
      ],
      './client.ts',
    ),
    fresh: refers
      ? {
          head: `async function new${One}(client: Client)`,
          ours: `await new${One}(ours)`,
          spread: `(await new${One}(ours))`,
          client: `await new${One}(client)`,
        }
      : {
          head: `function new${One}()`,
          ours: `new${One}()`,
          spread: `new${One}()`,
          client: `new${One}()`,
        },
    sortable: constant('sortable', ['createdAt', ...some(isSorted)]),
    filterable: constant(
      'filterable',
      some((field) => filterLine(field, names) !== undefined),
    ),
    optional: constant('optional', fields.filter(isOptional).map(propertyOf)),
    referring: constant('references', fields.filter(isReference).map(propertyOf)),
    unique: constant('unique', some(isUnique)),
  };
}

function isSorted(field: Field): boolean {
  return sortSchema(field) !== undefined;
}

function isOptional({ optional }: Field): boolean {
  return optional === true;
}

function isReference({ type }: Field): boolean {
  return type === 'ref';
}

function isUnique({ unique }: Field): boolean {
  return unique === true;
}

/** The line that declares a list of properties; nothing for an empty one. */
function constant(name: string, properties: readonly string[]): string {
  const items = properties.map((property) => `'${property}'`);
  return items.length === 0 ? '' : list(`const ${name} = `, items, ';');
}
