import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { answersSchemaFor, parseAnswers, withDefaults } from '../../src/catalog/answers.ts';
import { catalog } from '../../src/catalog/features.ts';
import { schema } from '../../src/commands/schema.ts';
import { wholeCatalog } from './support/fixtures.ts';

const inFile = (path: string) => `shop.json: ${path}`;

describe('answers', () => {
  test('keep what was chosen and nothing else', () => {
    expect(parseAnswers({ tier: 'professional' }, inFile)).toEqual({ tier: 'professional' });
  });

  test('have the defaults of what was not chosen', () => {
    expect(withDefaults({ name: 'shop' })).toEqual({
      name: 'shop',
      tier: 'starter',
      features: [],
      without: [],
      domains: [],
      packageManager: 'npm',
      git: true,
      install: true,
    });
  });

  test('list features once and in catalog order, however they were given', () => {
    const { features } = z
      .partial(answersSchemaFor(wholeCatalog))
      .parse({ features: ['queues', 'redis', 'queues'] });
    expect(features).toEqual(['redis', 'queues']);
  });

  test.each([
    [{ tier: 'enterprise' }, 'shop.json: tier: '],
    [
      { features: ['ci', 'kubernetes'] },
      'shop.json: features[1]: there is no feature "kubernetes"',
    ],
    [{ features: ['cl'] }, 'there is no feature "cl"; did you mean ci?'],
    [{ without: 'ci' }, 'shop.json: without: '],
    [{ install: 'no' }, 'shop.json: install: '],
    [{ teir: 'starter' }, 'shop.json: unknown field "teir"; did you mean tier?'],
    [{ name: '../escape' }, 'shop.json: name: "../escape" is a path, not a name'],
    [null, 'shop.json: '],
  ])('%j is refused by the path of the field', (input, message) => {
    expect(() => parseAnswers(input, inFile)).toThrow(message);
  });
});

test('a feature that this version has no templates for is refused', () => {
  const withoutCi = catalog.map((one) => (one.name === 'ci' ? { ...one, offered: false } : one));
  const { error } = z.partial(answersSchemaFor(withoutCi)).safeParse({ features: ['ci'] });
  expect(error?.issues[0]?.message).toBe('"ci" is not available in this version');
});

describe('the JSON Schema of a config file', () => {
  test('names only features that can be had', () => {
    const { features } = (schema() as { properties: Record<string, object> }).properties;
    const text = JSON.stringify(features);
    for (const { name, offered } of catalog) {
      expect(text.includes(`"${name}"`), name).toBe(offered);
    }
  });

  test('requires nothing and allows nothing else', () => {
    expect(schema()).toMatchObject({ additionalProperties: false });
    expect(schema()).not.toHaveProperty('required');
  });
});
