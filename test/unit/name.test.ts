import { builtinModules } from 'node:module';
import { describe, expect, test } from 'vitest';
import { commandNames } from '../../src/catalog/commands.ts';
import { refuseName, titleOf } from '../../src/catalog/name.ts';

describe('a project may be called', () => {
  test.each(['a', 'my-app', 'app2', 'a1-b2-c3', 'x'.repeat(24)])('%s', (name) => {
    expect(refuseName(name)).toBeUndefined();
  });
});

describe('a project may not be called', () => {
  test.each([
    ['', 'is empty'],
    ['My-App', 'does not start with a lower-case letter; try my-app'],
    ['my app', 'has characters other than lower-case letters, digits and hyphens; try my-app'],
    ['my_app', 'has characters other than'],
    ['node_modules', 'has characters other than'],
    ['favicon.ico', 'has characters other than'],
    ['2fast', 'does not start with a lower-case letter; try fast'],
    ['-x', 'does not start with a lower-case letter'],
    ['.', 'is a path'],
    ['..', 'is a path'],
    ['a/b', 'is a path'],
    ['a\\b', 'is a path'],
    ['app-', 'ends with a hyphen; try app'],
    ['my--app', 'has two hyphens in a row; try my-app'],
    ['x'.repeat(25), 'has 25 characters, at most 24 fit'],
    ['café', 'has characters other than'],
    ['con', 'Windows keeps it for a device'],
    ['lpt9', 'Windows keeps it for a device'],
    ['shipkit', 'npx would not know which'],
  ])('%j', (name, reason) => {
    expect(refuseName(name)).toContain(reason);
  });

  test.each(commandNames)('%s, which is a command', (name) => {
    expect(refuseName(name)).toBe('is reserved: it is a command of shipkit');
  });

  test.each([...builtinModules.filter((name) => /^[a-z][a-z0-9-]*$/.test(name)), 'test', 'sqlite'])(
    '%s, which is a module of Node',
    (name) => {
      expect(refuseName(name)).toBe('is reserved: it is a module of Node');
    },
  );
});

test('a name makes a title', () => {
  expect(titleOf('my-app2')).toBe('My App2');
});
