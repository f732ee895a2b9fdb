import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import { render, renderApart } from '../../src/render/render.ts';
import { sorted, type Tree } from '../../src/render/tree.ts';
import { archive, openArchive } from '../../src/templates/archive.ts';
import { precompile } from '../../src/templates/compile.ts';
import { loadTemplates } from '../../src/templates/load.ts';
import { readTemplates } from '../../src/templates/read.ts';
import { randomDomains } from './support/domains.ts';
import { richest, templates } from './support/combinations.ts';

const { packed, sources } = readTemplates(join(root, 'templates'));
const loaded = loadTemplates(Buffer.from(archive({ packed, compiled: precompile(sources) })));
const version = '1.2.3';

test.each([
  ['the richest project', richest('my-app')],
  ['the smallest', { ...richest('my-app'), tier: 'starter' as const, features: [] }],
  ['one with domains', { ...richest('my-app'), domains: randomDomains(5, 1) }],
])('%s is the same from the archive as from the templates', (_, answers) => {
  expect(textsOf(render(answers, loaded, { version }))).toEqual(
    textsOf(render(answers, templates, { version })),
  );
});

test('a project is the same whether its records are packed apart or not', async () => {
  const answers = richest('my-app');
  const { files, records } = renderApart(answers, loaded, { version });
  const whole = render(answers, templates, { version });
  expect(textsOf(new Map([...files, ...(await records())]))).toEqual(textsOf(whole));
});

test('any text comes out of an archive as it was put in', () => {
  const none = { files: [], lists: {} };
  const layers = { domains: none, domain: none, domainsAdmin: none, domainAdmin: none };
  const rest = { id: '', features: { one: none }, deploy: {}, pairs: {}, ...layers, once: {} };
  // As code has it, with words that come again, and as nothing has it.
  const code = fc.constantFrom(
    '\n',
    '\n\n',
    '\n  ',
    '\n      ',
    ' ',
    'await',
    'answer',
    'Answer',
    'ABCD',
    '\u0014',
  );
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: code, maxLength: 200 }));
  fc.assert(
    fc.property(fc.array(text), text, (texts, compiled) => {
      const files = texts.map((one, index) => [`${index}`, one] as const);
      const parts = { ...rest, base: { files, lists: {} } };
      const opened = openArchive(Buffer.from(archive({ packed: parts, compiled })));
      const read = opened.packed.base.files.map(([, file]) =>
        typeof file === 'function' ? file().toString() : file,
      );
      expect(read).toEqual(texts.map(wellFormed));
      expect(opened.compiled().toString()).toBe(wellFormed(compiled));
    }),
  );
});

/** Half of a pair is no character: UTF-8 has none for it. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function textsOf(tree: Tree) {
  return [...sorted(tree)].map(([path, { content, mode }]) => [
    path,
    mode,
    Buffer.from(content).toString('latin1'),
  ]);
}
