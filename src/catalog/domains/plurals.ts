import pluralize from 'pluralize-esm';

// What the library does not know.
for (const word of ['feedback', 'sms']) pluralize.addUncountableRule(word);
pluralize.addIrregularRule('atlas', 'atlases');
pluralize.addIrregularRule('lens', 'lenses');
pluralize.addIrregularRule('virus', 'viruses');
for (const word of ['cache', 'cpu', 'gpu', 'guru', 'haiku', 'selfie', 'sku']) {
  pluralize.addIrregularRule(word, `${word}s`);
}

/**
 * The words with the last one in the plural: `line`, `item` is `line`, `items`. A plural stays as it
 * is; what the library takes for a singular again gets another ending until it does not.
 */
export function pluralOf(words: readonly string[]): string[] {
  let last = words.at(-1) ?? '';
  for (let next = pluralize.plural(last); next !== last; next = pluralize.plural(last)) last = next;
  return [...words.slice(0, -1), last];
}

/** The words with the last one in the singular. */
export function singularOf(words: readonly string[]): string[] {
  return [...words.slice(0, -1), pluralize.singular(words.at(-1) ?? '')];
}
