import { expect, test } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { render } from '../../src/render/render.ts';
import type { Tree } from '../../src/render/tree.ts';
import { templates } from './support/combinations.ts';
import { answersOf } from './support/fixtures.ts';

const customers = { name: 'customers', fields: parseFields('name:string') };
const invoices = { name: 'invoices', fields: parseFields('customer:ref(customers),total:money') };
const line = { name: 'line-items', fields: parseFields('text:text,invoice:ref(invoices)?') };

test.each<[string, ProjectAnswers, ProjectAnswers]>([
  ['added', answersOf({ domains: [customers] }), answersOf({ domains: [customers, invoices] })],
  ['removed', answersOf({ domains: [customers, line] }), answersOf({ domains: [customers] })],
  [
    'given other fields',
    answersOf({ domains: [customers, { name: 'line-items', fields: parseFields('text:text') }] }),
    answersOf({ domains: [customers, invoices, line] }),
  ],
  [
    'joined by a feature',
    answersOf({ domains: [customers] }),
    answersOf({ domains: [customers], features: ['ci'] }),
  ],
])('what stands, a domain %s, comes out as if all were rendered anew', (_, before, after) => {
  const version = '1.0.0';
  const old = render(before, templates, { version });
  const manifest = JSON.parse(String(old.get('.shipkit/manifest.json')?.content)) as {
    files: Record<string, string>;
  };
  const standing = { answers: before, tree: old, files: manifest.files };
  const quick = render(after, templates, { version, standing });
  expect(textsOf(quick)).toEqual(textsOf(render(after, templates, { version })));
});

function textsOf(tree: Tree) {
  return [...tree].map(([path, { content, mode }]) => [
    path,
    mode,
    Buffer.from(content).toString('latin1'),
  ]);
}
