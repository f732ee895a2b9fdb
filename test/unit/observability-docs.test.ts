import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';

const docs = readFileSync(join(root, 'docs/observability.md'), 'utf8');
const [metrics = '', , logs = ''] = docs.split(/^## (?:Alerts|Logs)$/m);

/** What the first column of a table names. */
const named = (table: string): string[] =>
  [...table.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );

const sourceOf = (pattern: string): string =>
  globSync(pattern, { cwd: join(root, 'templates') })
    .map((file) => readFileSync(join(root, 'templates', file), 'utf8'))
    .join('\n');

test('the metrics that are documented are those that there are', () => {
  const source = sourceOf('{features,pairs}/*/src/platform/metrics/*.ts');
  const made = [
    ...source.matchAll(/^ {4}name: '(\w+)'/gm),
    ...source.matchAll(/^ {4}(\w+): '[A-Z]/gm),
    ...source.matchAll(/about: \{ (\w+): '/g),
  ].map(([, name]) => name);
  expect(new Set(named(metrics))).toEqual(new Set(made.filter((name) => name !== 'help')));
});

test('the fields of log lines that are documented are written', () => {
  const source = sourceOf('{base,features/*,pairs/*}/src/**/*.ts');
  expect(named(logs).length).toBeGreaterThan(15);
  const missing = named(logs).filter(
    (name) => !new RegExp(`\\b${name}\\b['"]?[\\]:, ]`).test(source),
  );
  expect(missing).toEqual([]);
});
