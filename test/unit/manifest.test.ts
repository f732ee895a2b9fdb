import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { readBase } from '../../src/project/base.ts';
import { fingerprint } from '../../src/render/manifest.ts';
import { render } from '../../src/render/render.ts';
import { answersOf, layerOf, templatesOf } from './support/fixtures.ts';

const lock = { lockfileVersion: 3, packages: { '': {} } };
const templates = templatesOf(layerOf({ 'a.ts': 'one\n', 'package.json': '{"name":"app"}' }), {
  once: { lock },
});
const tree = render(answersOf(), templates, { version: '1.2.3', catalog: [] });

test('the manifest has the answers, and the fingerprint of each file; the owner keeps theirs', () => {
  const text = String(tree.get('.shipkit/manifest.json')?.content);
  expect(JSON.parse(text)).toMatchObject({
    generator: 'create-shipkit',
    version: '1.2.3',
    answers: answersOf(),
    features: [],
    files: { 'a.ts': fingerprint('one\n'), 'package.json': expect.any(String) },
    once: { 'package-lock.json': expect.any(String) },
  });
  expect(text.split('\n').filter((line) => line.includes('a.ts'))).toHaveLength(1);
  expect(text).not.toContain('.shipkit/');
});

test('the base of a merge has every file but those that belong to the owner', () => {
  const packed = tree.get('.shipkit/base.br')?.content ?? '';
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, '.shipkit'));
  writeFileSync(path.join(folder, '.shipkit/base.br'), packed);
  expect([...readBase(folder, fingerprint(packed))]).toEqual([
    ['a.ts', { mode: 0o644, content: 'one\n' }],
    ['package.json', { mode: 0o644, content: tree.get('package.json')?.content }],
  ]);
});

test.each([
  ['no index', 'x'],
  ['an index that is no JSON', '{"files":[\n'],
  ['an index of something else', '{"files":[["a.ts",420]]}\none'],
  ['no files', '{}\none'],
  ['fewer characters than the index says', '{"files":[["a.ts",420,4]]}\none'],
  ['more of them', '{"files":[["a.ts",420,2]]}\none'],
])('a base with %s is damaged', (_, text) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, '.shipkit'));
  writeFileSync(path.join(folder, '.shipkit/base.br'), brotliCompressSync(text));
  expect(() => readBase(folder)).toThrow('is missing, or not what the manifest names');
});

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'shipkit-base-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('a checkout with other line endings does not change a fingerprint', () => {
  expect(fingerprint('a\r\nb\r\n')).toBe(fingerprint('a\nb\n'));
  expect(fingerprint('a\nb\n')).not.toBe(fingerprint('a\nb'));
});
