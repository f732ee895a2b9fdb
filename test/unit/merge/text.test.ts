import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inFormOf, sameText, textFile } from '../../../src/merge/text.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';

const runs = { numRuns: countOf('RUNS'), seed: seed() };
const breaks = fc.constantFrom('\n', '\r\n', '\r', '\uFEFF', 'a', 'é', ' ', '');
const anyText = fc.array(breaks, { maxLength: 20 }).map((parts) => parts.join(''));

test(`a text that does not change keeps its bytes, whatever they are (SEED=${seed()})`, () => {
  fc.assert(
    fc.property(anyText, (content) => {
      const file = read(content);
      expect(decoded(inFormOf(file, file.text))).toBe(content);
    }),
    runs,
  );
});

test('a new line gets the line ending of the file, and the byte order mark stays', () => {
  const file = read('\uFEFFa\r\nb\r\n');
  expect(file.text).toBe('a\nb\n');
  expect(decoded(inFormOf(file, 'a\nnew\nb\n'))).toBe('\uFEFFa\r\nnew\r\nb\r\n');
});

test('where line endings are mixed, each line keeps its own, and a new one gets the usual', () => {
  const file = read('a\r\nb\nc\r\nd\r\n');
  expect(decoded(inFormOf(file, 'a\nb\nnew\nc\n'))).toBe('a\r\nb\nnew\r\nc\r\n');
});

test('neither line endings nor a byte order mark make a difference; anything else does', () => {
  expect(sameText('a\nb\n', bytes('\uFEFFa\r\nb\r\n'))).toBe(true);
  expect(sameText('a\nb\n', 'a\nb')).toBe(false);
  expect(sameText(new Uint8Array([255, 0]), new Uint8Array([255, 0]))).toBe(true);
  expect(sameText(new Uint8Array([255, 0]), new Uint8Array([255, 0, 1]))).toBe(false);
  expect(sameText('a', new Uint8Array([255]))).toBe(false);
});

test.each([
  ['a zero byte', new Uint8Array([97, 0])],
  ['Latin-1', new Uint8Array([233, 116])],
])('%s is no text', (_, content) => {
  expect(textFile(content)).toBeUndefined();
});

function read(content: string) {
  const file = textFile(bytes(content));
  if (file === undefined) throw new Error('That is no text.');
  return file;
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function decoded(content: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
}
