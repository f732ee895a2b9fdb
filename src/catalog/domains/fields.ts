import { camel, wordsOf } from './names.ts';

export const fieldTypes = [
  'string',
  'text',
  'integer',
  'number',
  'money',
  'boolean',
  'date',
  'datetime',
  'enum',
  'email',
  'url',
  'ref',
] as const;

export type FieldType = (typeof fieldTypes)[number];

/** One thing that a domain keeps about each of its rows. */
export interface Field {
  /** camelCase; a reference without `Id`. */
  readonly name: string;
  readonly type: FieldType;
  /** May be left out, and cleared by null. */
  readonly optional?: true;
  /** No two rows of an account have the same. */
  readonly unique?: true;
  /** What an enum can be. */
  readonly options?: readonly string[];
  /** The domain that a reference points to. */
  readonly target?: string;
}

export interface Domain {
  /** In the plural, kebab-case. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Has pages in the admin area, as long as the project has one. */
  readonly admin?: true;
}

/** What a domain has when nothing is said about its fields. */
export const defaultFields: readonly Field[] = [{ name: 'name', type: 'string' }];

/** The field's name in JSON and in TypeScript. */
export function propertyOf({ name, type }: Pick<Field, 'name' | 'type'>): string {
  return type === 'ref' ? `${name}Id` : name;
}

/** The name of the field's column. */
export function columnOf(field: Pick<Field, 'name' | 'type'>): string {
  return wordsOf(propertyOf(field)).join('_');
}

/** The name of a reference's foreign key, without that of its table in front. */
export function foreignKeyOf({ name }: Pick<Field, 'name'>): string {
  return `${wordsOf(name).join('_')}_fk`;
}

/** The names of all keys that a field gives its table, without that of the table in front. */
export function keysOf(field: Field): string[] {
  return [
    ...(field.type === 'ref' ? [foreignKeyOf(field)] : []),
    ...(field.unique === true ? [columnOf(field)] : []),
  ];
}

/** A field's name as it is kept: `due_date` and `DueDate` are `dueDate`. */
export function fieldNameOf(text: string): string {
  return camel(wordsOf(text));
}
