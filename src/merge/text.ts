import { type Hunk, hunksOf, linesOf } from './lines.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const mark = '\uFEFF';

/** A text file: its text as it is merged, and the form in which the file has it. */
export interface TextFile {
  /** With LF, without a byte order mark. */
  readonly text: string;
  /** With the line endings that it has. */
  readonly raw: string;
  readonly bom: boolean;
}

/** The content as text; undefined when it is none (not UTF-8, or with a zero byte). */
export function textFile(content: string | Uint8Array): TextFile | undefined {
  const whole = typeof content === 'string' ? content : decoded(content);
  if (whole === undefined || whole.includes('\0')) return undefined;
  const bom = whole.startsWith(mark);
  const raw = bom ? whole.slice(mark.length) : whole;
  return { text: raw.replaceAll('\r\n', '\n'), raw, bom };
}

/**
 * The text in the form of a file: with its byte order mark and its line endings. Where a file
 * mixes endings, each line that it had keeps its own, and a new one gets what most have.
 */
export function inFormOf(file: TextFile, text: string): Uint8Array {
  return new TextEncoder().encode((file.bom ? mark : '') + withEndings(file, text));
}

/** Whether both hold the same, however each file writes it. */
export function sameText(a: string | Uint8Array, b: string | Uint8Array): boolean {
  if (typeof a === 'string' && typeof b === 'string' && a === b) return true;
  const [one, other] = [textFile(a), textFile(b)];
  if (one !== undefined && other !== undefined) return one.text === other.text;
  return one === other && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

/** The content as bytes. */
export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function withEndings({ raw, text: old }: TextFile, text: string): string {
  const all = raw.split('\n').length - 1;
  const crlf = raw.split('\r\n').length - 1;
  if (crlf === 0) return text;
  if (crlf === all) return text.replaceAll('\n', '\r\n');
  return mixed(linesOf(raw), hunksOf(linesOf(old), linesOf(text)), crlf * 2 > all);
}

/** `rawLines` with the hunks laid in. */
function mixed(rawLines: readonly string[], hunks: readonly Hunk[], mostlyCrlf: boolean): string {
  let at = 0;
  const parts: string[] = [];
  for (const { from, removed, added } of hunks) {
    parts.push(...rawLines.slice(at, from));
    parts.push(...added.map((line) => (mostlyCrlf ? line.replace('\n', '\r\n') : line)));
    at = from + removed.length;
  }
  return [...parts, ...rawLines.slice(at)].join('');
}
