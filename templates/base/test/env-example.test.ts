import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readSettings } from '#app/settings.ts';
import { production } from './support/production.ts';

test('.env.example names every setting, with the default that it has', async () => {
  const example = await readFile(join(import.meta.dirname, '../.env.example'), 'utf8');
  const shown = parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
  const required = { ...production, DATABASE_URL: 'mysql://app:secret@127.0.0.1:3306/app' };
  const defaults = readSettings(required);
  for (const name of Object.keys(defaults)) expect(shown).toHaveProperty(name);
  expect(readSettings({ ...shown, ...required })).toEqual(defaults);
});
