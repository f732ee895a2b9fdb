import pluralize from 'pluralize-esm';

// What the library does not know.
for (const word of ['feedback', 'sms']) pluralize.addUncountableRule(word);
pluralize.addIrregularRule('atlas', 'atlases');
pluralize.addIrregularRule('lens', 'lenses');
pluralize.addIrregularRule('virus', 'viruses');
for (const word of ['cache', 'cpu', 'gpu', 'guru', 'haiku', 'selfie', 'sku']) {
  pluralize.addIrregularRule(word, `${word}s`);
}

const plurals = new Map<string, string>();
const singulars = new Map<string, string>();

/**
 * The words with the last one in the plural: `line`, `item` is `line`, `items`. A plural stays as it
 * is; what the library takes for a singular again gets another ending until it does not.
 */
export function pluralOf(words: readonly string[]): string[] {
  return [...words.slice(0, -1), remembered(plurals, words.at(-1) ?? '', settledPlural)];
}

/** The words with the last one in the singular. */
export function singularOf(words: readonly string[]): string[] {
  return [...words.slice(0, -1), remembered(singulars, words.at(-1) ?? '', singular)];
}

function settledPlural(word: string): string {
  let last = word;
  for (let next = pluralize.plural(last); next !== last; next = pluralize.plural(last)) last = next;
  return last;
}

function singular(word: string): string {
  return pluralize.singular(word);
}

/** A word goes through a hundred rules, and a project with a hundred domains asks for each often. */
function remembered(
  known: Map<string, string>,
  word: string,
  find: (word: string) => string,
): string {
  const found = known.get(word) ?? find(word);
  known.set(word, found);
  return found;
}
