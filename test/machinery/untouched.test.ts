import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { changesIn } from '../../scripts/lib/untouched.ts';
import { fingerprint } from '../../src/render/manifest.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipkit-untouched-'));
  write('src/main.ts', 'one\n');
  write('package-lock.json', '{}\n');
  const manifest = {
    files: { 'src/main.ts': fingerprint('one\n') },
    once: { 'package-lock.json': fingerprint('{}\n') },
  };
  write('.shipkit/manifest.json', JSON.stringify(manifest));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

test('a project as it was generated has no changes', () => {
  expect(changesIn(folder)).toEqual([]);
});

test('what installing and running leaves behind, and other line endings, are no changes', () => {
  for (const path of ['node_modules/a/index.js', '.shipkit/local/x', 'secrets/keys.json', '.env']) {
    write(path, 'x');
  }
  write('src/main.ts', 'one\r\n');
  expect(changesIn(folder)).toEqual([]);
});

test('files that were edited, deleted or added are changes', () => {
  write('src/main.ts', 'two\n');
  write('src/mine/new.ts', '');
  rmSync(join(folder, 'package-lock.json'));
  expect(changesIn(folder)).toEqual(['package-lock.json', 'src/main.ts', 'src/mine/new.ts']);
});

test('a folder without a manifest is not a project', () => {
  rmSync(join(folder, '.shipkit'), { recursive: true });
  expect(changesIn(folder)).toBeUndefined();
});
