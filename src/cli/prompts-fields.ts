import * as clack from '@clack/prompts';
import {
  defaultFields,
  type Domain,
  type Field,
  fieldNameOf,
  type FieldType,
  fieldTypes,
} from '../catalog/domains/fields.ts';
import { formatFields } from '../catalog/domains/parse-fields.ts';
import { refuseField } from '../catalog/domains/refuse-fields.ts';
import { chosen, type Terminal } from './terminal.ts';

/**
 * Asks what a domain is to have.
 *
 * @param about.domains the domains that it may refer to
 * @param about.pages whether it may have some in the admin area
 * @throws Problem (exit code 130) when the user leaves
 */
export async function askDomain(
  name: string,
  about: { readonly domains: readonly string[]; readonly pages: boolean },
  terminal: Terminal = {},
): Promise<Domain> {
  const fields = await askFields(name, about.domains, terminal);
  if (!about.pages) return { name, fields };
  const message = `Shall ${name} have pages in the admin area? (--admin)`;
  const admin = chosen(await clack.confirm({ message, initialValue: false, ...terminal }));
  return { name, fields, ...(admin && { admin }) };
}

/**
 * Asks for the fields of a domain one by one, until a name is left empty.
 *
 * @param domains the domains that it may refer to
 * @throws Problem (exit code 130) when the user leaves
 */
export async function askFields(
  domain: string,
  domains: readonly string[],
  terminal: Terminal = {},
): Promise<readonly Field[]> {
  clack.intro(`The fields of ${domain}, one by one; an empty name ends it`, terminal);
  const fields: Field[] = [];
  for (;;) {
    const field = await askField(fields, [...domains, domain], terminal);
    if (field === undefined) break;
    const reason = refuseField(field, fields);
    if (reason === undefined) fields.push(field);
    else clack.log.warn(reason, terminal);
  }
  const all = fields.length === 0 ? defaultFields : fields;
  clack.outro(`--fields "${formatFields(all)}"`, terminal);
  return all;
}

async function askField(
  before: readonly Field[],
  domains: readonly string[],
  terminal: Terminal,
): Promise<Field | undefined> {
  const name = await askName(before, terminal);
  if (name === '') return undefined;
  const options = fieldTypes.map((value) => ({ value }));
  const type = chosen<FieldType>(
    await clack.select({ message: `What is ${name}?`, options, ...terminal }),
  );
  const details = await askDetails(name, type, { domains, terminal });
  const marks = chosen(
    await clack.multiselect({
      message: `Is ${name} any of these? (space to choose, enter to go on)`,
      options: [
        { value: 'optional', label: 'optional: it may be left out' },
        { value: 'unique', label: 'unique: no two rows of an account share it' },
      ],
      required: false,
      ...terminal,
    }),
  );
  return {
    name,
    type,
    ...(marks.includes('optional') ? { optional: true } : {}),
    ...(marks.includes('unique') ? { unique: true } : {}),
    ...details,
  };
}

async function askName(before: readonly Field[], terminal: Terminal): Promise<string> {
  const message = before.length === 0 ? 'The first field?' : 'The next field?';
  const placeholder = before.length === 0 ? 'name' : 'none: that is all';
  const validate = (value: string | undefined) => {
    if (value === undefined || value.trim() === '') return undefined;
    return refuseField({ name: fieldNameOf(value), type: 'string' }, before);
  };
  const answer = await clack.text({
    message,
    placeholder,
    defaultValue: '',
    validate,
    ...terminal,
  });
  return fieldNameOf(chosen(answer));
}

async function askDetails(
  name: string,
  type: FieldType,
  { domains, terminal }: { domains: readonly string[]; terminal: Terminal },
): Promise<Partial<Field>> {
  if (type === 'enum') {
    const answer = await clack.text({
      message: `What can ${name} be? (with commas between)`,
      placeholder: 'draft, sent',
      validate: (value) => refuseField({ name, type, options: listed(value) }),
      ...terminal,
    });
    return { options: listed(chosen(answer)) };
  }
  if (type !== 'ref') return {};
  const options = domains.map((value) => ({ value }));
  const message = `Which domain does ${name} refer to?`;
  return { target: chosen(await clack.select({ message, options, ...terminal })) };
}

function listed(text: string | undefined): string[] {
  return (text ?? '')
    .split(/[,|]/)
    .map((option) => option.trim())
    .filter((option) => option !== '');
}
