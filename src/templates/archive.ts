// All templates in one piece, as they lie in dist/templates.br: a line of JSON that says how to read the
// rest, then in their short form (words.ts) a JSON that says what there is, in which each text is told
// by its length, and the texts. Each is taken when it is needed: a start needs a part of them.
import { mapFiles, type PackedFile, type PackedTemplates } from './packed.ts';
import { lengthener, shortener, wordsOf } from './words.ts';

/** A file in the line of JSON, and as it is found there: its length, and its bytes. */
type Told<Text> = Text | Exclude<PackedFile, string>;

interface Contents<Text> {
  readonly packed: PackedTemplates<Told<Text>>;
  /** JavaScript that makes an object of the compiled templates by their keys. */
  readonly compiled: Text;
}

/** The first line. */
interface Reading {
  /** With a blank between two. */
  readonly words: string;
  /** How long what says what there is is in its short form. */
  readonly head: number;
  /** How long everything after this line is when it is not short. */
  readonly size: number;
}

/** The templates as bytes. */
export function archive({ packed, compiled }: Contents<string>): Uint8Array {
  const texts: string[] = [];
  const numbered = {
    packed: mapFiles(packed, (file) => (typeof file === 'string' ? texts.push(file) - 1 : file)),
    compiled: texts.push(compiled) - 1,
  };
  const words = wordsOf(texts);
  const shorten = shortener(words);
  const pieces = texts.map(shorten);
  const lengthOf = (index: number) => pieces[index]?.length ?? 0;
  const contents: Contents<number> = {
    packed: mapFiles(numbered.packed, (file) => (typeof file === 'number' ? lengthOf(file) : file)),
    compiled: lengthOf(numbered.compiled),
  };
  const told = JSON.stringify(contents);
  const head = shorten(told);
  const size = Buffer.byteLength(told + texts.join(''));
  const reading: Reading = { words: words.join(' '), head: head.length, size };
  return Buffer.concat([Buffer.from(`${JSON.stringify(reading)}\n`), head, ...pieces]);
}

/** What `archive` has packed; a text is read, once, when it is asked for. */
export function openArchive(bytes: Buffer): Contents<() => Buffer> {
  const end = bytes.indexOf('\n');
  // Written by our own build, as the contents are.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { words, head, size } = JSON.parse(bytes.toString('utf8', 0, end)) as Reading;
  const lengthen = lengthener(words.split(' '), size);
  let at = end + 1;
  const next = (length: number) => {
    const short = bytes.subarray(at, (at += length));
    let text: Buffer | undefined;
    return () => (text ??= lengthen(short));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { packed, compiled } = JSON.parse(next(head)().toString()) as Contents<number>;
  // In the order of `archive`.
  return {
    packed: mapFiles(packed, (file) => (typeof file === 'number' ? next(file) : file)),
    compiled: next(compiled),
  };
}
