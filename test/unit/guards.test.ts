import { expect, test } from 'vitest';
import { guards } from '../../scripts/bite/guards.ts';
import { rendered, richest } from './support/combinations.ts';

const project = rendered(richest('my-app'));
const textOf = (path: string) => String(project.get(path)?.content ?? '');

test.each(guards)('the guard is in the project once: $name', ({ file, find }) => {
  expect(textOf(file).split(find)).toHaveLength(2);
});

test.each(guards)('there is a test for: $name', ({ test: file, title }) => {
  // What comes after `test(`, or after what has closed `test.for(`.
  const named = textOf(file).matchAll(
    /(?:\btest|[\])])\(\s*(?<quote>['"`])(?<name>.+?)\k<quote>,/g,
  );
  const names = [...named].map(({ groups }) => groups?.['name']);
  expect(names.filter((name) => name?.includes(title))).not.toEqual([]);
});
