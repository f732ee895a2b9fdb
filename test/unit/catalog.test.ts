import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog, offeredIn, tiers } from '../../src/catalog/features.ts';
import { nearest } from '../../src/catalog/nearest.ts';
import { presetOf, resolve } from '../../src/catalog/resolve.ts';
import { root } from '../../scripts/lib/root.ts';
import { answersOf, wholeCatalog } from './support/fixtures.ts';

describe('the catalog', () => {
  test.each(catalog)('offers $name exactly when its templates are there', ({ name, offered }) => {
    expect(existsSync(join(root, 'templates', 'features', name))).toBe(offered);
  });

  test.each(offeredIn(catalog))('has a part of README.md and AGENTS.md for $name', ({ name }) => {
    const files = readdirSync(join(root, 'templates', 'features', name)).join(' ');
    expect(files).toMatch(/\bREADME\.md(\.hbs)?\b/);
    expect(files).toMatch(/\bAGENTS\.md(\.hbs)?\b/);
  });

  test('names each feature once, and needs only features that it has', () => {
    const names = catalog.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { requires } of catalog) {
      expect(names).toEqual(expect.arrayContaining([...requires]));
    }
  });

  test('offers only what it offers all needs of', () => {
    const offered = offeredIn(catalog).map(({ name }) => name);
    for (const { requires } of offeredIn(catalog)) {
      expect(offered).toEqual(expect.arrayContaining([...requires]));
    }
  });

  test('gives billing and admin to every tier, and the rest to Professional', () => {
    expect(presetOf('starter', wholeCatalog)).toEqual(['billing', 'admin']);
    expect(presetOf('professional', wholeCatalog)).toEqual(catalog.map(({ name }) => name));
  });
});

describe('resolving answers', () => {
  test('adds what a feature needs, and says for whose sake', () => {
    const resolved = resolve(answersOf({ features: ['queues'] }), wholeCatalog);
    expect(resolved).toEqual({
      features: ['billing', 'admin', 'redis', 'queues'],
      reasons: [{ feature: 'redis', outcome: 'added', cause: 'queues' }],
    });
  });

  test('does not add what is there already', () => {
    const { reasons } = resolve(answersOf({ features: ['queues', 'redis'] }), wholeCatalog);
    expect(reasons).toEqual([]);
  });

  test('lets a feature of the tier go with what it needs, and says so', () => {
    const resolved = resolve(answersOf({ tier: 'professional', without: ['redis'] }), wholeCatalog);
    expect(resolved.features).not.toContain('queues');
    expect(resolved.reasons).toEqual([{ feature: 'queues', outcome: 'left out', cause: 'redis' }]);
  });

  test('any feature fits any tier', () => {
    for (const tier of tiers) {
      for (const { name } of wholeCatalog) {
        expect(resolve(answersOf({ tier, features: [name] }), wholeCatalog).features).toContain(
          name,
        );
      }
    }
  });

  test('refuses a feature without what it needs, naming both flags', () => {
    const answers = answersOf({ features: ['queues'], without: ['redis'] });
    expect(() => resolve(answers, wholeCatalog)).toThrow(
      '--features queues needs redis, which --without redis leaves out',
    );
  });

  test('refuses a feature that is both named and left out', () => {
    const answers = answersOf({ features: ['email'], without: ['email'] });
    expect(() => resolve(answers, wholeCatalog)).toThrow(
      'email is named by both --features and --without',
    );
  });
});

describe('the nearest word', () => {
  test.each([
    ['redsi', 'redis'],
    ['queue', 'queues'],
    ['Tenancy', 'tenancy'],
    ['x', undefined],
    ['kubernetes', undefined],
  ])('to %s is %s', (word, near) => {
    expect(nearest(word, ['redis', 'queues', 'tenancy', 'ci'])).toBe(near);
  });
});
