import fc from 'fast-check';
import { withDomain } from '../../../src/catalog/domains/domains.ts';
import {
  type Domain,
  type Field,
  fieldNameOf,
  type FieldType,
  fieldTypes,
} from '../../../src/catalog/domains/fields.ts';
import { normaliseDomain } from '../../../src/catalog/domains/names.ts';
import { refuseField } from '../../../src/catalog/domains/refuse-fields.ts';

/** Words that mean something somewhere: to languages, to databases, to what is generated. */
const loaded = (
  'account admin answer app arguments array as async auth await base body boolean by bytes catch ' +
  'change changes class client code column condition constructor count create cursor data database ' +
  'date day declare default delete desc domain email enum eq error event expect export field file ' +
  'filter find found from function group guard handler has hasOwnProperty health id identity in ' +
  'index info input insert integer is item json key limit line list login made marble match meta ' +
  'moment money name new news next null number object of offset on open option order other our ' +
  'package page params patch path present query rank read reference register reply request ' +
  'response route row schema select series service set sheep some sort sql state status string ' +
  'symbol table taken test text that them then this time toString type undefined unique update ' +
  'url user uuid value version void wire yield z zod'
).split(' ');

const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...loaded) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-zA-Z0-9]{1,24}$/) },
);

const styled = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom('-', '_', ' ', ''))
  .map(([words, joint]) => (joint === '' ? fieldNameOf(words.join('_')) : words.join(joint)));

/** What somebody might type for a name, and what nobody should. */
export const nameInput = fc.oneof(
  { weight: 8, arbitrary: styled },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);

const option = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,23}$/);

/** A field that may be refused; `target` is a number that stands for some domain. */
const fieldInput = fc.record({
  name: styled.map((text) => fieldNameOf(text)),
  type: fc.constantFrom<FieldType>(...fieldTypes),
  optional: fc.boolean(),
  unique: fc.boolean(),
  options: fc.array(option, { minLength: 1, maxLength: 9 }),
  target: fc.nat(),
});

const domainInput = fc.record({
  name: nameInput,
  fields: fc.array(fieldInput, { minLength: 1, maxLength: 12 }),
  admin: fc.boolean(),
});

/** Domains drawn by chance, of what is not refused, which refer to each other and to themselves. */
export function randomDomains(count: number, seed: number): Domain[] {
  let domains: Domain[] = [];
  for (const input of fc.sample(domainInput, { numRuns: count * 10, seed })) {
    if (domains.length === count) break;
    const name = outcomeOf(() => normaliseDomain(input.name));
    if (name instanceof Error) continue;
    const names = [...domains.map((each) => each.name), name];
    const fields: Field[] = [];
    for (const each of input.fields) {
      const field = fieldOf(each, names);
      if (refuseField(field, fields) === undefined) fields.push(field);
    }
    const added = { name, fields, ...(input.admin && { admin: true as const }) };
    const all = outcomeOf(() => withDomain(domains, added));
    if (!(all instanceof Error)) domains = all;
  }
  return domains;
}

function fieldOf(
  input: typeof fieldInput extends fc.Arbitrary<infer T> ? T : never,
  names: readonly string[],
): Field {
  const { name, type, unique, options, target } = input;
  const refers = names[target % names.length] ?? '';
  const optional = input.optional || (type === 'ref' && refers === names.at(-1));
  return {
    name,
    type,
    ...(optional && { optional }),
    ...(unique && { unique }),
    ...(type === 'enum' && { options }),
    ...(type === 'ref' && { target: refers }),
  };
}

/** What `work` gives, or the problem that it refuses with. */
export function outcomeOf<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && error.name === 'Problem') return error;
    throw error;
  }
}
