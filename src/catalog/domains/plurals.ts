import pluralize from 'pluralize-esm';

// What the library does not know.
for (const word of ['feedback', 'sms']) pluralize.addUncountableRule(word);
pluralize.addIrregularRule('atlas', 'atlases');
pluralize.addIrregularRule('cache', 'caches');
pluralize.addIrregularRule('lens', 'lenses');
pluralize.addIrregularRule('virus', 'viruses');

/** The words with the last one in the plural: `line`, `item` is `line`, `items`. */
export function pluralOf(words: readonly string[]): string[] {
  return [...words.slice(0, -1), pluralize.plural(words.at(-1) ?? '')];
}

/** The words with the last one in the singular. */
export function singularOf(words: readonly string[]): string[] {
  return [...words.slice(0, -1), pluralize.singular(words.at(-1) ?? '')];
}
