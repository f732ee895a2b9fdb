// A shorter form of texts, in which a compressor finds a tenth more: a word of many texts is one byte
// or two, also where it begins with a capital, and a line says in one byte how its indentation differs
// from that of the line before.

/** A byte that is neither a letter of ASCII nor a new line stands for itself after this. */
const escape = 1;
/** The word after this begins with a capital. */
const capital = 2;
/** A new line that is indented as the last one; by a step of two blanks more, it is the next byte. */
const sameIndent = 20;
const [mostOut, mostIn] = [-4, 2] as const;
const step = 2;
const newLine = 10;
const blank = 32;
/** The most used words are a byte from here on, and the others such a byte and another. */
const firstWord = 128;
const shortWords = 80;
const firstPair = firstWord + shortWords;
const firstSecond = 32;
const seconds = 256 - firstSecond;
const mostWords = shortWords + (256 - firstPair) * seconds;

const word = /[A-Z]?[a-z]{2,}|[A-Z]{3,}/g;
// The bytes of a text, as characters.
const tokens = /\n( *)(?=[^\n ])|[A-Z]?[a-z]{2,}|[A-Z]{3,}|([^\n -~])/g;

/** The words that are worth a code in these texts, in the order of their codes. */
export function wordsOf(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const [found] of texts.flatMap((text) => [...text.matchAll(word)])) {
    const each = isCapitalised(found) ? uncapitalised(found) : found;
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  return [...counts]
    .filter(([found, count]) => count > 6 && found.length > 2)
    .toSorted((a, b) => savedBy(b) - savedBy(a) || (a[0] < b[0] ? -1 : 1))
    .map(([found]) => found)
    .slice(0, mostWords);
}

function isCapitalised(found: string): boolean {
  return /^[A-Z][a-z]/.test(found);
}

function uncapitalised(found: string): string {
  return found.charAt(0).toLowerCase() + found.slice(1);
}

function savedBy([found, count]: readonly [string, number]): number {
  return count * (found.length - 1);
}

/** Puts texts into the short form of these words. */
export function shortener(words: readonly string[]): (text: string) => Buffer {
  const codes = new Map(words.map((each, index) => [each, codeOf(index)]));
  const coded = (found: string): string => {
    if (!isCapitalised(found)) return codes.get(found) ?? found;
    const code = codes.get(uncapitalised(found));
    return code === undefined ? found : String.fromCharCode(capital) + code;
  };
  return (text) => {
    let indent = 0;
    const shorten = (found: string, blanks?: string, special?: string) => {
      if (special !== undefined) return String.fromCharCode(escape) + special;
      if (blanks === undefined) return coded(found);
      const steps = (blanks.length - indent) / step;
      if (!Number.isInteger(steps) || steps < mostOut || steps > mostIn) return found;
      indent = blanks.length;
      return String.fromCharCode(sameIndent + steps);
    };
    const bytes = Buffer.from(text).toString('latin1');
    return Buffer.from(bytes.replaceAll(tokens, shorten), 'latin1');
  };
}

function codeOf(index: number): string {
  if (index < shortWords) return String.fromCharCode(firstWord + index);
  const pair = index - shortWords;
  return String.fromCharCode(
    firstPair + Math.trunc(pair / seconds),
    firstSecond + (pair % seconds),
  );
}

/**
 * Takes texts out of the short form.
 *
 * @param size how many bytes there are of all that will be taken
 */
export function lengthener(words: readonly string[], size: number): (short: Buffer) => Buffer {
  const forms = [...words, ...words.map((each) => each.charAt(0).toUpperCase() + each.slice(1))];
  const letters = Buffer.from(forms.join(''));
  const starts = new Uint32Array(forms.length + 1);
  for (const [index, { length }] of forms.entries()) {
    starts[index + 1] = (starts[index] ?? 0) + length;
  }
  // One room for all: new memory costs as much as what is done in it.
  const room = Buffer.allocUnsafeSlow(size);
  let used = 0;
  return (short) => {
    const from = used;
    used = lengthen(short, { room, from, letters, starts, capitalised: words.length });
    return room.subarray(from, used);
  };
}

interface Into {
  readonly room: Uint8Array;
  /** Where in the room the text begins. */
  readonly from: number;
  /** Those of all words, and of all words with a capital. */
  readonly letters: Uint8Array;
  /** Where the letters of each word begin, and at last where those of the last one end. */
  readonly starts: Uint32Array;
  /** The first of the words with a capital. */
  readonly capitalised: number;
}

/**
 * The one loop over every byte of a start: it copies by itself, since a call for each word costs more.
 *
 * @returns where in the room the text ends
 */
function lengthen(short: Uint8Array, into: Into): number {
  const { room, from, letters, starts, capitalised } = into;
  let to = from;
  let at = 0;
  let indent = 0;
  let form = 0;
  for (let byte = short[at]; byte !== undefined; byte = short[(at += 1)]) {
    if (byte >= firstWord) {
      let index = byte - firstWord;
      if (index >= shortWords) {
        index = shortWords + (index - shortWords) * seconds + (short[(at += 1)] ?? 0) - firstSecond;
      }
      const end = starts[form + index + 1] ?? 0;
      for (let letter = starts[form + index] ?? 0; letter < end; letter += 1) {
        room[to++] = letters[letter] ?? 0;
      }
      form = 0;
    } else if (byte === capital) {
      form = capitalised;
    } else if (byte >= sameIndent + mostOut && byte <= sameIndent + mostIn) {
      indent += (byte - sameIndent) * step;
      room[to++] = newLine;
      for (let blanks = 0; blanks < indent; blanks += 1) room[to++] = blank;
    } else {
      room[to++] = byte === escape ? (short[(at += 1)] ?? 0) : byte;
    }
  }
  return to;
}
