import { columnOf, type Field, fieldNameOf, fieldTypes, keysOf, propertyOf } from './fields.ts';
import { refuseLetters } from './names.ts';
import { innodbColumns, languageWords, objectWords, sqlWords } from './words.ts';

/** Characters that a column's name may have, so that those of its keys fit into MySQL's 64. */
export const columnLimit = 32;
/** With more, the longest fields together would not fit into a row of MySQL (65,535 bytes). */
export const fieldLimit = 30;
export const optionLimit = 24;
const optionsLimit = 50;

/** Types that cannot be unique, and why. */
const notUnique: Partial<Record<Field['type'], string>> = {
  text: 'a text is too long for an index',
  number: 'numbers with fractions are never safely equal',
  boolean: 'only two rows could have it',
  enum: 'only as many rows as options could have it',
};

/** Columns of every domain, and the parameters of every list. */
const ofDomain: ReadonlySet<string> = new Set([
  'id',
  'accountId',
  'createdAt',
  'updatedAt',
  'cursor',
  'limit',
  'sort',
]);

/** Why a domain cannot have these fields, as one sentence; undefined when it can. */
export function refuseFields(fields: readonly Field[]): string | undefined {
  if (fields.length === 0) return 'A domain needs at least one field, such as name:string.';
  if (fields.length > fieldLimit) {
    return `A domain can have ${fieldLimit} fields, and these are ${fields.length}.`;
  }
  for (const [index, field] of fields.entries()) {
    const reason = refuseField(field, fields.slice(0, index));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why this field cannot come after those, as one sentence that names it; undefined when it can. */
export function refuseField(field: Field, before: readonly Field[] = []): string | undefined {
  const reason =
    refuseName(field) ?? refuseTwin(field, before) ?? refuseUnique(field) ?? refuseDetails(field);
  return reason && `The field "${field.name}" cannot be: ${reason}.`;
}

function refuseName(field: Field): string | undefined {
  const { name, type } = field;
  const letters = refuseLetters(name);
  if (letters !== undefined) return letters;
  if (fieldNameOf(name) !== name) return `its name is written ${fieldNameOf(name)}`;
  if (type === 'ref' && name.endsWith('Id')) {
    return `a reference is named without Id, as ${name.slice(0, -2)}:ref(…), and gets it by itself`;
  }
  const property = propertyOf(field);
  const column = columnOf(field);
  if (column.length > columnLimit) {
    return `its column ${column} has ${column.length} characters, at most ${columnLimit} fit`;
  }
  if (ofDomain.has(property)) return `every domain has ${property} by itself`;
  if (sqlWords.has(column)) return `${column} is a reserved word of SQL`;
  if (innodbColumns.has(column)) return `the database keeps ${column} for itself`;
  if (languageWords.has(property)) return `${property} is a reserved word of JavaScript`;
  if (objectWords.has(property)) return `${property} means something for every object`;
  return undefined;
}

function refuseTwin(field: Field, before: readonly Field[]): string | undefined {
  const property = propertyOf(field);
  if (before.some((other) => propertyOf(other) === property)) return `${property} is there already`;
  const keys = new Set(before.flatMap(keysOf));
  const key = keysOf(field).find((each) => keys.has(each));
  return key && `its key ${key} would be there twice`;
}

function refuseUnique({ type, unique }: Field): string | undefined {
  return unique === true ? notUnique[type] : undefined;
}

function refuseDetails({ type, options, target }: Field): string | undefined {
  if (!fieldTypes.includes(type)) return `there is no type ${type}`;
  if (options !== undefined && type !== 'enum') return 'only an enum has options';
  if (target !== undefined && type !== 'ref') return 'only a reference has a target';
  if (type === 'ref' && target === undefined) return 'it is written ref(customers), with a domain';
  return type === 'enum' ? refuseOptions(options ?? []) : undefined;
}

function refuseOptions(options: readonly string[]): string | undefined {
  if (options.length === 0) return 'it is written enum(draft|sent), with at least one option';
  if (options.length > optionsLimit) return `an enum has at most ${optionsLimit} options`;
  const odd = options.find((option) => !/^[A-Za-z][A-Za-z0-9_-]*$/.test(option));
  if (odd !== undefined) {
    return `its option "${odd}" is not a letter followed by letters, digits, hyphens and underscores`;
  }
  const long = options.find((option) => option.length > optionLimit);
  if (long !== undefined) return `its option ${long} has more than ${optionLimit} characters`;
  // The database compares them without case.
  const seen = new Set(options.map((option) => option.toLowerCase()));
  return seen.size < options.length ? 'two of its options are the same' : undefined;
}
