import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import { packWords, unpackWords } from '../../src/templates/word-list.ts';

test('a list of words is the same after it was packed', () => {
  const file = 'templates/base/src/domains/auth/account/weak-passwords.txt';
  const text = readFileSync(join(root, file), 'utf8');
  expect(packWords(text).length).toBeLessThan(text.length);
  expect(unpackWords(packWords(text))).toBe(text);
});

test('so is any text, whatever its lines share', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.stringMatching(/^a{0,60}b?$/),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      expect(unpackWords(packWords(text))).toBe(text);
    }),
  );
});
