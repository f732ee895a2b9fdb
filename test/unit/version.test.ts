import { expect, test } from 'vitest';
import { isNewer, isVersion } from '../../src/project/version.ts';

test.each([
  ['1.0.1', '1.0.0', true],
  ['1.10.0', '1.9.9', true],
  ['2.0.0', '1.99.99', true],
  ['1.0.0', '1.0.0', false],
  ['1.0.0', '1.0.0-rc.1', true],
  ['1.0.0-rc.1', '1.0.0', false],
  ['1.0.0-rc.10', '1.0.0-rc.9', true],
])('whether %s is newer than %s: %s', (a, b, newer) => {
  expect(isNewer(a, b)).toBe(newer);
});

test.each(['1', 'v1.0.0', '1.0', 'latest', ''])('%j is no version', (text) => {
  expect(isVersion(text)).toBe(false);
});
