import { badInput } from '../../problem.ts';
import { pluralOf, singularOf } from './plurals.ts';
import { refuseDomainName } from './taken.ts';

/** What a domain is called in each place. */
export interface DomainNames {
  /** Its folder, its route and its heading: `line-items`. */
  readonly folder: string;
  /** `line_items` */
  readonly table: string;
  /** `lineItems` */
  readonly many: string;
  /** `LineItems` */
  readonly Many: string;
  /** `lineItem` */
  readonly one: string;
  /** `LineItem` */
  readonly One: string;
  /** What the codes of its errors begin with: `line_item`. */
  readonly code: string;
  /** In a sentence: `line items`. */
  readonly things: string;
  /** As a heading: `Line items`. */
  readonly Things: string;
  /** `Line item` */
  readonly Thing: string;
  /** In a sentence: `a line item`. */
  readonly aThing: string;
}

/**
 * A domain's name as it is kept: in the plural, its words joined by hyphens. `LineItem`,
 * `line_items` and `line items` are all `line-items`.
 *
 * @throws Problem (exit code 2) for what cannot be a domain's name
 */
export function normaliseDomain(input: string): string {
  const text = input.trim();
  const letters = refuseLetters(text);
  if (letters !== undefined) throw badInput(`"${text}" cannot be a domain: ${letters}.`);
  const name = pluralOf(wordsOf(text)).join('-');
  const reason = refuseDomainName(namesOf(name));
  if (reason === undefined) return name;
  const shown = name === text ? `"${text}"` : `"${text}" (${name})`;
  throw badInput(`${shown} cannot be a domain: ${reason}.`);
}

/** Why a domain cannot be kept under this name, as one sentence; undefined when it can. */
export function refuseKeptName(name: string): string | undefined {
  const letters = refuseLetters(name);
  if (letters !== undefined) return `"${name}" cannot be a domain: ${letters}.`;
  const kept = pluralOf(wordsOf(name)).join('-');
  if (kept !== name) return `"${name}" cannot be a domain: it is written ${kept}.`;
  const reason = refuseDomainName(namesOf(name));
  return reason && `"${name}" cannot be a domain: ${reason}.`;
}

/** The names of a domain in each place, from the name that it is kept under. */
export function namesOf(name: string): DomainNames {
  const words = name.split('-');
  const single = singularOf(words);
  return {
    folder: name,
    table: words.join('_'),
    many: camel(words),
    Many: capital(camel(words)),
    one: camel(single),
    One: capital(camel(single)),
    code: single.join('_'),
    things: words.join(' '),
    Things: capital(words.join(' ')),
    Thing: capital(single.join(' ')),
    aThing: `${articleOf(single[0] ?? '')} ${single.join(' ')}`,
  };
}

/** Why text with these letters cannot be a name, as the end of a sentence; undefined when it can. */
export function refuseLetters(text: string): string | undefined {
  if (text === '') return 'it has no name';
  if (!/^[A-Za-z]/.test(text)) return 'its name does not start with a letter from a to z';
  if (!/[^A-Za-z0-9 _-]/.test(text)) return undefined;
  return 'its name has characters other than letters from a to z, digits, hyphens and underscores';
}

/** The words of a name in any common form, in lower case. A digit belongs to the word before it. */
export function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/[ _-]+(?=\d)/g, '')
    .toLowerCase()
    .split(/[ _-]+/)
    .filter((word) => word !== '');
}

/** `['line', 'items']` is `lineItems`. */
export function camel(words: readonly string[]): string {
  return words.map((word, index) => (index === 0 ? word : capital(word))).join('');
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** By sound, as far as letters tell it: a user, an hour. */
function articleOf(word: string): string {
  if (/^(eu|one|ub|uni(?!n)|us|ut)/.test(word)) return 'a';
  return /^([aeiou]|heir|hono|hour)/.test(word) ? 'an' : 'a';
}
