// All templates in one piece, as they lie in dist/templates.br: a line of JSON that says what there
// is, where each text is told by its length in bytes, and then the texts as they are. Escaping them,
// and taking that away again, would be most of the work of a start that needs a part of them.
import { mapFiles, type PackedFile, type PackedTemplates } from './packed.ts';

/** A file in the line of JSON, and as it is found there: its length, and its bytes. */
type Told<Text> = Text | Exclude<PackedFile, string>;

interface Contents<Text> {
  readonly packed: PackedTemplates<Told<Text>>;
  /** JavaScript that makes an object of the compiled templates by their keys. */
  readonly compiled: Text;
}

/** The templates as bytes. */
export function archive({ packed, compiled }: Contents<string>): Uint8Array {
  const texts: string[] = [];
  const lengthOf = (text: string) => {
    texts.push(text);
    return Buffer.byteLength(text);
  };
  const head: Contents<number> = {
    packed: mapFiles(packed, (file) => (typeof file === 'string' ? lengthOf(file) : file)),
    compiled: lengthOf(compiled),
  };
  return Buffer.from(`${JSON.stringify(head)}\n${texts.join('')}`);
}

/** What `archive` has packed; a text is a part of these bytes, taken when it is asked for. */
export function openArchive(bytes: Buffer): Contents<() => Buffer> {
  const end = bytes.indexOf('\n');
  // Written by our own build.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const head = JSON.parse(bytes.toString('utf8', 0, end)) as Contents<number>;
  let at = end + 1;
  const next = (length: number) => {
    const from = at;
    at += length;
    return () => bytes.subarray(from, from + length);
  };
  // In the order of `archive`.
  return {
    packed: mapFiles(head.packed, (file) => (typeof file === 'number' ? next(file) : file)),
    compiled: next(head.compiled),
  };
}
