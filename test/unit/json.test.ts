import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatJson, type Json } from '../../src/render/json.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { root } from '../../scripts/lib/root.ts';

const oxfmt = join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt');

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.string({ maxLength: 30 }),
    // A list of numbers alone that is too long for a line is filled; a project has none.
    fc.integer({ min: -99, max: 99 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 8 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,12}$/), tie('json'), { maxKeys: 5 }),
  ),
}));

test('JSON is written as the formatter leaves it', () => {
  // All in one file, because starting the formatter is what costs.
  const values = fc.sample(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), json), {
    numRuns: countOf('RUNS'),
    seed: seed(),
  });
  const text = formatJson(Object.fromEntries(values.map((value, index) => [`k${index}`, value])));
  const formatted = execFileSync(process.execPath, [oxfmt, '--stdin-filepath', 'values.json'], {
    input: text,
    encoding: 'utf8',
  });
  expect(text).toBe(formatted);
});
