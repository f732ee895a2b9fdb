import { badInput } from '../../problem.ts';
import { nearest } from '../nearest.ts';
import { type Field, fieldNameOf, type FieldType, fieldTypes } from './fields.ts';
import { normaliseDomain } from './names.ts';
import { refuseFields } from './refuse-fields.ts';

/**
 * Fields from the text of `--fields`: `title:string,due:date?,status:enum(draft|sent),
 * customer:ref(customers),slug:string:unique`.
 *
 * @throws Problem (exit code 2), one sentence that names the field and says what is allowed
 */
export function parseFields(text: string): Field[] {
  const fields = split(text).map((item) => parseField(item.trim()));
  const reason = refuseFields(fields);
  if (reason !== undefined) throw badInput(reason);
  return fields;
}

/** The text that `parseFields` makes these fields of. */
export function formatFields(fields: readonly Field[]): string {
  return fields.map(formatField).join(',');
}

function formatField({ name, type, optional, unique, options, target }: Field): string {
  const inside = options?.join('|') ?? target;
  return [
    `${name}:${type}`,
    ...(inside === undefined ? [] : [`(${inside})`]),
    ...(optional === true ? ['?'] : []),
    ...(unique === true ? [':unique'] : []),
  ].join('');
}

/** At the commas that are not in brackets. */
function split(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/);
}

function parseField(item: string): Field {
  const [, given = '', rest] = /^([^:]*)(?::(.*))?$/s.exec(item) ?? [];
  const name = given.trim();
  if (name === '') throw badInput(`The field "${item}" has no name: write it as title:string.`);
  if (rest === undefined) {
    throw badInput(`The field "${name}" has no type: write it as ${name}:string.`);
  }
  const [, word = '', inside, mark, modifier] =
    /^\s*([^\s(?:]*)\s*(?:\(([^()]*)\))?\s*(\?)?\s*(?::\s*(.*?))?\s*$/s.exec(rest) ?? [];
  const type = fieldTypes.find((each) => each === word);
  if (type === undefined) throw badInput(unknownType(name, word === '' ? rest.trim() : word));
  if (modifier !== undefined && modifier !== 'unique') {
    throw badInput(
      `The field "${name}" has ":${modifier}" after its type, where only :unique can stand.`,
    );
  }
  return {
    name: fieldNameOf(name) === '' ? name : keepOdd(name),
    type,
    ...(mark === undefined ? {} : { optional: true }),
    ...(modifier === undefined ? {} : { unique: true }),
    ...(inside === undefined ? {} : detailsOf(name, type, inside)),
  };
}

/** The name in its normal form; letters that no name has are left for the refusal to show. */
function keepOdd(name: string): string {
  return /^[A-Za-z][A-Za-z0-9 _-]*$/.test(name) ? fieldNameOf(name) : name;
}

function detailsOf(name: string, type: FieldType, inside: string): Partial<Field> {
  if (type === 'enum') return { options: inside.split('|').map((option) => option.trim()) };
  if (type === 'ref') return { target: normaliseDomain(inside) };
  throw badInput(`The field "${name}" has brackets, which only enum(a|b) and ref(domain) have.`);
}

function unknownType(name: string, word: string): string {
  const near = nearest(word, fieldTypes);
  const hint = near === undefined ? '' : `, perhaps ${near}`;
  return `The field "${name}" has no type "${word}"${hint}: there is ${fieldTypes.join(', ')}.`;
}
