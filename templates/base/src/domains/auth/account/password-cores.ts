// What is left of a password without the changes that everybody makes, and that everybody who
// guesses makes too: Passw0rd!, 123p@ssword, pass-word and passwordpassword are one guess each.

/** The signs that stand for letters. A 1 is read both ways. */
const swaps: Readonly<Record<string, string>> = {
  0: 'o',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
};
/** As many characters before and after a word are an addition to it. More are worth something. */
const additionAtMost = 8;
/** A text between signs, and one between all that is no letter. */
const betweenAdditions = [
  /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su,
  /^(\P{L}*)(.*?)(\P{L}*)$/su,
] as const;

/** The form in which what people cannot tell apart, or need not, is the same. */
export function normalized(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The password, and what is left of it without additions, repetition and swapped letters. */
export function coresOf(password: string): ReadonlySet<string> {
  const cores = new Set([normalized(password)]);
  for (const change of [withoutSigns, once, withoutAdditions, once, unswapped]) {
    for (const changed of Array.from(cores).flatMap(change)) cores.add(changed);
  }
  return cores;
}

function withoutSigns(text: string): string[] {
  return [text.replaceAll(/[^\p{L}\p{N}]/gu, '')];
}

/** Of a word that is repeated, the word. */
function once(text: string): string[] {
  return [text.replace(/^(.+?)\1+$/su, '$1')];
}

function withoutAdditions(text: string): string[] {
  return betweenAdditions.flatMap((pattern) => {
    const [, before = '', word = '', after = ''] = pattern.exec(text) ?? [];
    const parts = [
      { core: before + word, addition: after },
      { core: word + after, addition: before },
      { core: word, addition: before + after },
    ];
    return parts
      .filter(({ addition }) => addition.length <= additionAtMost)
      .map(({ core }) => core);
  });
}

function unswapped(text: string): string[] {
  return ['i', 'l'].map((one) =>
    text.replaceAll(/[034571@$]/g, (sign) => (sign === '1' ? one : (swaps[sign] ?? sign))),
  );
}
