// A long list of words in order takes a sixth less room where each is told by what it shares with the
// one before it: a compressor of text does not find that by itself.

/** A digit to the base of 36 says how much is shared. */
const longest = 35;

/** Each line as the number of characters that it begins with like the one before, and the rest. */
export function packWords(text: string): string {
  let before = '';
  const lines = text.split('\n').map((line) => {
    const shared = sharedBy(before, line);
    before = line;
    return shared.toString(36) + line.slice(shared);
  });
  return lines.join('\n');
}

/** The text that `packWords` was given. */
export function unpackWords(packed: string): string {
  let before = '';
  const lines = packed.split('\n').map((line) => {
    before = before.slice(0, Number.parseInt(line.charAt(0), 36)) + line.slice(1);
    return before;
  });
  return lines.join('\n');
}

function sharedBy(one: string, other: string): number {
  const end = Math.min(one.length, other.length, longest);
  let at = 0;
  while (at < end && one[at] === other[at]) at += 1;
  return at;
}
