import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { tablesOf } from '../../src/render/render.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import {
  combinations,
  combinationsSeen,
  names,
  rendered,
  richest,
  templates,
} from './support/combinations.ts';

const all = names.flatMap((name) => combinationsSeen(name));
const again = all.filter((_, index) => countOf('FULL') > 0 || index % 8 === 0).slice(0, 40);
// `${{ … }}` is GitHub's, `{{.Name}}` is Docker's.
const leftover = /(?<!\$)\{\{[~#/^>&!]*\s*[\w@]/;
const seen = new Set<string>();

describe(`every combination of tiers, features and package managers (SEED=${seed()})`, () => {
  test.each(all)('$name $tier +$features -$without $packageManager is whole', (answers) => {
    for (const [path, { content }] of rendered(answers)) {
      if (typeof content !== 'string' || seen.has(path + content)) continue;
      seen.add(path + content);
      expect(content, path).not.toMatch(leftover);
      expect(() => parse(path, content), path).not.toThrow();
    }
  });

  test.each(again)('gives the same bytes again: $name $tier', (answers) => {
    expect([...rendered(answers)]).toEqual([...rendered(answers)]);
  });
});

test('a project needs nothing of this package', () => {
  const domains = [{ name: 'notes', fields: [{ name: 'title', type: 'string' as const }] }];
  const code = [...rendered({ ...richest('app'), domains })].filter(
    ([path]) => !path.startsWith('.shipkit/') && /\.(?:[jt]s|ya?ml)$|package.*\.json$/.test(path),
  );
  // `.shipkit/local` is the project's own: its private database lies there.
  const needs = /(?<!\.)shipkit|manifest\.json|base\.br/;
  expect(code.length).toBeGreaterThan(100);
  const needing = code.filter(([, { content }]) => needs.test(String(content)));
  expect(needing.map(([path]) => path)).toEqual([]);
});

test('the templates carry the lockfile of the full set, and a first migration of all tables', () => {
  expect(templates.once.lock).toBeDefined();
  const made = Object.keys((templates.once.migration?.snapshot['tables'] ?? {}) as object);
  const needed = combinations('app').flatMap((answers) => [...tablesOf(rendered(answers))]);
  expect(made.toSorted()).toEqual([...new Set(needed)].toSorted());
});

function parse(path: string, content: string): void {
  if (path.endsWith('.json') && !/^\.ox|tsconfig/.test(path)) JSON.parse(content);
  if (/\.[jt]s$/.test(path)) transformSync(content, { loader: path.endsWith('ts') ? 'ts' : 'js' });
}
