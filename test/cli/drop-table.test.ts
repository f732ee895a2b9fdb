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
  const dropped = () => {
    const last = readdirSync(join(folder, 'migrations')).filter((file) => file.endsWith('.sql'));
    const sql = read(folder, `migrations/${last.toSorted().at(-1)}`);
    return [...sql.matchAll(/^DROP TABLE `(\w+)`/gm)].map(([, table = '']) => table);
  };

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

/** A refund refers to its payment, and that to its invoice. */
function expectInOrder(dropped: readonly string[]): void {
  const names = ['billing_refunds', 'billing_payments', 'billing_invoices'];
  expect(dropped.filter((table) => names.includes(table))).toEqual(names);
}

/** The migrations after those that made the tables. */
function migrationsOf(folder: string): string[] {
  return readdirSync(join(folder, 'migrations'))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .slice(4)
    .map((file) => read(folder, `migrations/${file}`).trim());
}
