import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tablesOfFeatures } from '../../src/commands/features.ts';
import { templates } from '../unit/support/combinations.ts';
import { read } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { doctor } from './support/doctor.ts';
import { linkDrizzle } from './support/drizzle.ts';

// Each change of tables starts drizzle-kit, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const run = async (folder: string, ...args: string[]) => {
  const { exitCode, stderr } = await shipkit([...args, '--no-install'], folder);
  expect(exitCode, stderr).toBe(0);
};

test('a table is dropped, whether or not others are kept, and only that one', async () => {
  const folder = await project('--no-git');
  linkDrizzle(folder);
  for (const name of ['apples', 'pears', 'plums']) {
    await run(folder, 'add-domain', name, '--fields', 'name:string');
  }
  await run(folder, 'remove-domain', 'apples');
  await run(folder, 'remove-domain', 'pears', '--drop-table');
  expect(migrationsOf(folder)).toEqual(['DROP TABLE `pears`;']);
  expect(read(folder, 'src/database/retired.ts')).toContain("'apples'");
  expect(read(folder, 'src/database/retired.ts')).not.toContain("'pears'");

  await run(folder, 'remove-domain', 'apples', '--drop-table');
  await run(folder, 'remove-domain', 'plums', '--drop-table');
  expect(migrationsOf(folder)).toEqual([
    'DROP TABLE `pears`;',
    'DROP TABLE `apples`;',
    'DROP TABLE `plums`;',
  ]);
  const { findings } = await doctor(folder);
  expect(findings.filter(({ check }) => check === 'migrations')).toEqual([]);
});

test("a feature's tables are dropped after those that refer to them, with it and later", async () => {
  const folder = await project('--no-git');
  linkDrizzle(folder);
  const tables = tablesOfFeatures(['billing'], templates);
  const dropped = () => droppedIn(lastMigration(folder));

  await run(folder, 'remove', 'billing', '--drop-table');
  expect(dropped().toSorted()).toEqual(tables.toSorted());
  expectInOrder(dropped());

  await run(folder, 'add-domain', 'billing');
  await run(folder, 'remove-domain', 'billing');
  expect(dropped()).toEqual([]);
  for (const table of tables) {
    expect(read(folder, 'src/database/retired.ts')).toContain(`'${table}'`);
  }
  await run(folder, 'remove-domain', 'billing', '--drop-table');
  expect(dropped().toSorted()).toEqual(tables.toSorted());
  expectInOrder(dropped());
  expect(existsSync(join(folder, 'src/database/retired.ts'))).toBe(false);
  const { findings } = await doctor(folder);
  expect(findings.filter(({ check }) => check === 'migrations')).toEqual([]);
});

test('a table whose place another took is kept, comes back, and goes with its own feature', async () => {
  const folder = await project('--no-git');
  linkDrizzle(folder);
  const retired = () =>
    existsSync(join(folder, 'src/database/retired.ts'))
      ? read(folder, 'src/database/retired.ts')
      : '';

  await run(folder, 'add', 'redis');
  expect(lastMigration(folder)).toContain('CREATE TABLE `admin_session_epochs`');
  expect(lastMigration(folder)).not.toContain('DROP');
  expect(retired()).toContain("'admin_sessions'");
  const { findings } = await doctor(folder);
  expect(findings.filter(({ check }) => check === 'migrations')).toEqual([]);

  const before = lastMigration(folder);
  await run(folder, 'remove', 'redis');
  expect(lastMigration(folder)).toBe(before);
  expect(retired()).toContain("'admin_session_epochs'");
  expect(retired()).not.toContain("'admin_sessions'");

  await run(folder, 'add', 'redis');
  expect(lastMigration(folder)).toBe(before);
  await run(folder, 'remove', 'admin', '--drop-table');
  const dropped = droppedIn(lastMigration(folder));
  expect(dropped.toSorted()).toEqual(tablesOfFeatures(['admin'], templates).toSorted());
  for (const table of ['admin_sessions', 'admin_session_epochs']) {
    expect(dropped.indexOf(table)).toBeLessThan(dropped.indexOf('admin_users'));
  }
  expect(retired()).toBe('');
});

/** A refund refers to its payment, and that to its invoice. */
function expectInOrder(dropped: readonly string[]): void {
  const names = ['billing_refunds', 'billing_payments', 'billing_invoices'];
  expect(dropped.filter((table) => names.includes(table))).toEqual(names);
}

function lastMigration(folder: string): string {
  const files = readdirSync(join(folder, 'migrations')).filter((file) => file.endsWith('.sql'));
  return read(folder, `migrations/${files.toSorted().at(-1)}`);
}

/** The tables that a migration drops, in its order. */
function droppedIn(sql: string): string[] {
  return [...sql.matchAll(/^DROP TABLE `(\w+)`/gm)].map(([, table = '']) => table);
}

/** The migrations after those that made the tables. */
function migrationsOf(folder: string): string[] {
  return readdirSync(join(folder, 'migrations'))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .slice(4)
    .map((file) => read(folder, `migrations/${file}`).trim());
}
