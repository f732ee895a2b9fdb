// The form in which git prints a change of bytes that are no text, so that `git apply` makes it
// (git's diff.c, emit_binary_diff; base85.c).
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const alphabet =
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const bytesInLine = 52;

/** The body of a patch that makes `after` of `before`; what is not there is undefined. */
export function binaryPatch(before: Uint8Array | undefined, after: Uint8Array | undefined): string {
  const index = `index ${blobId(before)}..${blobId(after)}`;
  return [index, 'GIT binary patch', literal(after), literal(before), ''].join('\n');
}

function literal(content: Uint8Array = new Uint8Array()): string {
  const packed = deflateSync(content);
  const lines: string[] = [];
  for (let at = 0; at < packed.length; at += bytesInLine) {
    const chunk = packed.subarray(at, at + bytesInLine);
    lines.push(lengthMark(chunk.length) + base85(chunk));
  }
  return `literal ${content.length}\n${lines.join('\n')}\n`;
}

function lengthMark(length: number): string {
  const [base, offset] = length <= 26 ? ['A', 1] : ['a', 27];
  return String.fromCodePoint((base.codePointAt(0) ?? 0) + length - offset);
}

/** Four bytes are five digits; the last four are filled up with zeros. */
function base85(chunk: Uint8Array): string {
  const filled = Buffer.alloc(Math.ceil(chunk.length / 4) * 4);
  filled.set(chunk);
  let text = '';
  for (let at = 0; at < filled.length; at += 4) {
    let rest = filled.readUInt32BE(at);
    let digits = '';
    for (let digit = 0; digit < 5; digit++) {
      digits = alphabet.charAt(rest % 85) + digits;
      rest = Math.floor(rest / 85);
    }
    text += digits;
  }
  return text;
}

/** The name of a file's content in a git repository of SHA-1. */
function blobId(content: Uint8Array | undefined): string {
  if (content === undefined) return '0'.repeat(40);
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}
