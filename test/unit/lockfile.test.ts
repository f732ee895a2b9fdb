import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/render/json.ts';
import { lockFor } from '../../src/render/lockfile.ts';
import { npmCommand } from '../../scripts/lib/npm.js';
import { rendered, richest, templates } from './support/combinations.ts';

const full = templates.once.lock ?? {};
const whole = JSON.parse(String(rendered(richest('app')).get('package.json')?.content)) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  overrides: JsonObject;
};
const { dependencies, devDependencies, overrides } = whole;

const projects = {
  everything: { dependencies, devDependencies },
  'what runs': { dependencies },
  'tools only': { devDependencies },
  nothing: {},
  'one library': { dependencies: pick(dependencies, 'express') },
  'a tool with platform packages': { devDependencies: pick(devDependencies, 'vitest') },
  'a tool that is given another version than it asks for': {
    devDependencies: pick(devDependencies, 'drizzle-kit'),
  },
  'optional peers': { dependencies: pick(dependencies, 'drizzle-orm', 'mysql2') },
  'a tool as a library, a library as a tool': {
    dependencies: pick(devDependencies, 'vitest'),
    devDependencies: pick(dependencies, 'express'),
  },
  'a library that is optional': { optionalDependencies: pick(dependencies, 'express') },
};

describe('npm finds nothing to change in the lock of', () => {
  test.each(Object.entries(projects))('%s', async (_, parts) => {
    const packageJson = { name: 'my-app', version: '0.1.0', private: true, overrides, ...parts };
    const lock = lockFor(packageJson, full);
    expect(await npmWrites(packageJson, lock)).toBe(lock);
  });

  test('a project that needs nothing it did not name', () => {
    const lock = lockFor({ name: 'x', dependencies: pick(dependencies, 'zod') }, full);
    const { packages } = JSON.parse(lock) as { packages: object };
    expect(Object.keys(packages)).toEqual(['', 'node_modules/zod']);
  });
});

test('npm does mend a lock with a wrong flag, so it can tell', async () => {
  const packageJson = { name: 'my-app', version: '0.1.0', devDependencies, overrides };
  const lock = lockFor(packageJson, full);
  const wrong = lock.replace('      "dev": true,\n', '');
  expect(wrong).not.toBe(lock);
  expect(await npmWrites(packageJson, wrong)).toBe(lock);
});

test('a package that the full lock lacks is an error', () => {
  const packageJson = { name: 'x', dependencies: { 'left-pad': '1.0.0' } };
  expect(() => lockFor(packageJson, full)).toThrow('The full lock lacks left-pad');
});

/** What npm makes of the lock, without asking any registry. */
async function npmWrites(packageJson: JsonObject, lock: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-lock-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(packageJson));
    writeFileSync(join(folder, 'package-lock.json'), lock);
    const flags = ['--package-lock-only', '--offline', '--ignore-scripts', '--no-audit'];
    const { command, args, shell } = npmCommand(process.execPath, [
      'install',
      ...flags,
      '--omit-lockfile-registry-resolved',
    ]);
    await execa(command, args, { cwd: folder, shell });
    return readFileSync(join(folder, 'package-lock.json'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pick(from: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, from[name] ?? '']));
}
