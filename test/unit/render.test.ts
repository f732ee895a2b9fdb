import { describe, expect, test } from 'vitest';
import { catalog } from '../../src/catalog/features.ts';
import { render } from '../../src/render/render.ts';
import type { Templates } from '../../src/render/templates.ts';
import type { Tree } from '../../src/render/tree.ts';
import { answersOf, layerOf, templatesOf } from './support/fixtures.ts';

/** The catalog of a version that has one feature: the layers here are no more. */
const only = catalog.map((feature) => ({ ...feature, offered: feature.name === 'ci' }));
const ci = { catalog: only, version: '1.2.3' };

function make(templates: Templates, features: string[] = []): Tree {
  return render(answersOf({ features }), templates, ci);
}

function textOf(tree: Tree, path: string): string {
  return String(tree.get(path)?.content);
}

describe('rendering', () => {
  test('copies plain files as they are, and gives the context to templates', () => {
    const tree = make(
      templatesOf(
        layerOf({
          'plain.txt': 'as {{it}} is\n',
          'said.txt': (context) => `${JSON.stringify(context)}\n`,
        }),
      ),
    );
    expect(textOf(tree, 'plain.txt')).toBe('as {{it}} is\n');
    expect(JSON.parse(textOf(tree, 'said.txt'))).toMatchObject({
      name: 'my-app',
      title: 'My App',
      tier: 'starter',
      run: 'npm run',
      exec: 'npx',
      install: 'npm install',
      features: { ci: false, billing: false },
    });
  });

  test('joins the lists of all layers, and empties those that only absent layers fill', () => {
    const lists = (context: object) => JSON.stringify((context as { lists: object }).lists);
    const templates = templatesOf(layerOf({ 'lists.txt': lists }, { parts: ['a'] }), {
      features: new Map([['ci', layerOf({}, { parts: ['b'], extra: ['c'] })]]),
    });
    expect(JSON.parse(textOf(make(templates), 'lists.txt'))).toEqual({ parts: ['a'], extra: [] });
    expect(JSON.parse(textOf(make(templates, ['ci']), 'lists.txt'))).toEqual({
      parts: ['a', 'b'],
      extra: ['c'],
    });
  });

  test('an entry of a list goes before the one that it names, or to the end where that is absent', () => {
    const names = (context: object) =>
      (context as { lists: { parts: { name: string }[] } }).lists.parts
        .map(({ name }) => name)
        .join(' ');
    const base = layerOf({ 'lists.txt': names }, { parts: [{ name: 'a' }, { name: 'z' }] });
    const more = [
      { name: 'b', before: 'z' },
      { name: 'c', before: 'z' },
      { name: 'd', before: 'absent' },
    ];
    const templates = templatesOf(base, {
      features: new Map([['ci', layerOf({}, { parts: more })]]),
    });
    expect(textOf(make(templates, ['ci']), 'lists.txt')).toBe('a b c z d');
  });

  test('an entry of a list takes the place of the one that it replaces', () => {
    const names = (context: object) =>
      (context as { lists: { parts: { name: string; from: string }[] } }).lists.parts
        .map(({ name, from }) => `${name}:${from}`)
        .join(' ');
    const parts = [
      { name: 'a', from: 'base' },
      { name: 'z', from: 'base' },
    ];
    const templates = templatesOf(layerOf({ 'lists.txt': names }, { parts }), {
      features: new Map([
        ['ci', layerOf({}, { parts: [{ name: 'a', from: 'ci', replaces: 'a' }] })],
      ]),
    });
    expect(textOf(make(templates), 'lists.txt')).toBe('a:base z:base');
    expect(textOf(make(templates, ['ci']), 'lists.txt')).toBe('a:ci z:base');
  });

  test('a pair may be for a project that has one feature and not the other', () => {
    const templates = templatesOf(layerOf({}), {
      features: new Map([['ci', layerOf({})]]),
      pairs: new Map([
        ['ci+no-billing', layerOf({ 'without.txt': '' })],
        ['ci+no-ci', layerOf({ 'never.txt': '' })],
      ]),
    });
    expect(make(templates, ['ci']).has('without.txt')).toBe(true);
    expect(make(templates).has('without.txt')).toBe(false);
    expect(make(templates, ['ci']).has('never.txt')).toBe(false);
  });

  test('merges package.json key by key, sorts dependencies and takes the name', () => {
    const base = { name: 'app', scripts: { b: '1' }, dependencies: { zod: '4', express: '5' } };
    const more = { scripts: { a: '2' }, dependencies: { jose: '6' }, files: ['x'] };
    const tree = make(
      templatesOf(layerOf({ 'package.json': JSON.stringify(base) }), {
        features: new Map([['ci', layerOf({ 'package.json': JSON.stringify(more) })]]),
      }),
      ['ci'],
    );
    expect(textOf(tree, 'package.json')).toBe(`{
  "name": "my-app",
  "scripts": {
    "b": "1",
    "a": "2"
  },
  "dependencies": {
    "express": "5",
    "jose": "6",
    "zod": "4"
  },
  "files": ["x"]
}
`);
  });

  test('puts the settings of layers one after the other, a blank line between', () => {
    const tree = make(
      templatesOf(layerOf({ '.env.example': 'A=1\n' }), {
        features: new Map([['ci', layerOf({ '.env.example': '\nB=2\n\n' })]]),
      }),
      ['ci'],
    );
    expect(textOf(tree, '.env.example')).toBe('A=1\n\nB=2\n');
  });

  test('gives the sections of features to the README and AGENTS.md of the base', () => {
    const sections = (context: object) =>
      JSON.stringify((context as { sections: object }).sections);
    const tree = make(
      templatesOf(layerOf({ 'README.md': sections }), {
        features: new Map([['ci', layerOf({ 'README.md': '## CI\n', 'AGENTS.md': '- ci\n' })]]),
      }),
      ['ci'],
    );
    expect(JSON.parse(textOf(tree, 'README.md'))).toEqual({ readme: ['## CI'], agents: ['- ci'] });
    expect(tree.has('AGENTS.md')).toBe(false);
  });

  test('refuses a path that two layers give', () => {
    const templates = templatesOf(layerOf({ 'a.ts': '1' }), {
      features: new Map([['ci', layerOf({ 'a.ts': '2' })]]),
    });
    expect(() => make(templates, ['ci'])).toThrow('Two layers of templates give a.ts.');
  });

  test('lays a pair where both its features are', () => {
    const whole = catalog.map((feature) => ({ ...feature, offered: true }));
    const templates = templatesOf(layerOf({}), {
      features: new Map(whole.map(({ name }) => [name, layerOf({})])),
      pairs: new Map([['admin+email', layerOf({ 'both.ts': '' })]]),
    });
    const withBoth = answersOf({ features: ['email'] });
    expect(render(withBoth, templates, { version: '1.0.0', catalog: whole }).has('both.ts')).toBe(
      true,
    );
    expect(
      render(answersOf(), templates, { version: '1.0.0', catalog: whole }).has('both.ts'),
    ).toBe(false);
  });

  test('lets programs run, and keeps secrets to their owner', () => {
    const tree = make(
      templatesOf(layerOf({ run: '#!/bin/sh\n', '.env': '', 'secrets/key': 'k', 'a.ts': '' })),
    );
    const modes = ['run', '.env', 'secrets/key', 'a.ts'].map((path) => tree.get(path)?.mode);
    expect(modes).toEqual([0o755, 0o600, 0o600, 0o644]);
  });

  test('gives the same bytes again, in the order of paths', () => {
    const templates = templatesOf(layerOf({ 'b.ts': 'b', 'a.ts': 'a', 'B.ts': 'B' }));
    const [one, two] = [make(templates), make(templates)];
    expect([...one]).toEqual([...two]);
    expect([...one.keys()]).toEqual([...one.keys()].toSorted());
  });
});
