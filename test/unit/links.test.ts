import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import { rendered, richest } from './support/combinations.ts';
import { brokenLinks, targetsOf } from './support/links.ts';

test('every link and image of the documentation leads somewhere', () => {
  const paths = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
  const pages = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const targets = [...pages.values()].flatMap((markdown) => targetsOf(markdown));
  expect(targets).toEqual(expect.arrayContaining(['docs/create.md', 'options.md', 'AGENTS.md']));
  expect(brokenLinks({ pages, has: (path) => existsSync(join(root, path)) })).toEqual([]);
});

test("every link and image of a project's documentation leads somewhere", () => {
  const domains = [{ name: 'notes', fields: [{ name: 'title', type: 'string' as const }] }];
  const files = [...rendered({ ...richest('my-app'), domains })];
  const written = files.filter(([path]) => path.endsWith('.md'));
  const pages = new Map(written.map(([path, { content }]) => [path, String(content)]));
  const has = (wanted: string) =>
    files.some(([path]) => path === wanted || path.startsWith(`${wanted}/`));
  expect([...pages.keys()]).toEqual(expect.arrayContaining(['README.md', 'AGENTS.md']));
  expect(brokenLinks({ pages, has })).toEqual([]);
});

test.each([
  ['[a file](docs/one.md)', true],
  ['[a folder](docs)', true],
  ['[a heading](docs/one.md#what-it-is-for-you)', true],
  ['[a heading of the page](#top)', true],
  ['[another site](https://example.com/nothing)', true],
  ['`[no](link.md)`', true],
  ['```md\n[no](link.md)\n```', true],
  ['[no file](docs/two.md)', false],
  ['![no image](docs/two.png "Two")', false],
  ['[![no image in a link](two.png)](docs/one.md)', false],
  ['[no heading](docs/one.md#something-else)', false],
  ['[no heading of the page](#bottom)', false],
  ['[a comment is no heading](docs/one.md#a-comment)', false],
  ['[outside](../one.md)', false],
  ['[from the root](/docs/one.md)', false],
  ['[a label]\n\n[a label]: docs/two.md', false],
  ['<img src="docs/two.png">', false],
])('%j is found to lead somewhere: %j', (markdown, leads) => {
  const one = '# One\n\n## What `it` is, for you\n\n```sh\n# a comment\n```\n';
  const pages = new Map([
    ['page.md', `# Top\n\n${markdown}\n`],
    ['docs/one.md', one],
  ]);
  const has = (path: string) => path === 'docs' || pages.has(path);
  expect(brokenLinks({ pages, has }).length === 0).toBe(leads);
});
