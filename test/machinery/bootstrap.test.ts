import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';

import { npmCommand, npmEnvironment } from '../../scripts/lib/npm.js';
import { isOldNode } from '../../scripts/lib/runtime.js';

test.for([
  ['18.20.8', true],
  ['20.20.2', true],
  ['24.10.0', true],
  ['24.11.0', false],
  ['24.21.0', false],
  ['26.0.0', false],
] as const)('whether Node %s is too old: %s', ([version, old]) => {
  expect(isOldNode(version)).toBe(old);
});

test('a home folder that takes no files moves the cache of npm into the clone', () => {
  const environment = npmEnvironment('/clone', { HOME: join('/', 'nonexistent', 'home') });
  expect(environment).toMatchObject({ npm_config_cache: join('/clone', '.cache', 'npm') });
});

test('a home folder that takes files, and a cache that was named, stay as they are', () => {
  expect(npmEnvironment('/clone', { HOME: process.cwd() })).not.toHaveProperty('npm_config_cache');
  expect(npmEnvironment('/clone', { npm_config_cache: '/mine' })).toMatchObject({
    npm_config_cache: '/mine',
  });
});

test('npm is run by the Node that was chosen, wherever its program can be found', () => {
  const { command, args } = npmCommand('/chosen/node', ['ci']);
  expect(args.at(-1)).toBe('ci');
  if (command === 'npm') return;
  expect(command).toBe('/chosen/node');
  expect(existsSync(args[0] ?? '')).toBe(true);
});
