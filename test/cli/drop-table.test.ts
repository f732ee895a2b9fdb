import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { doctor } from './support/doctor.ts';
import { linkDrizzle } from './support/drizzle.ts';

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

/** The migrations after those that made the tables. */
function migrationsOf(folder: string): string[] {
  return readdirSync(join(folder, 'migrations'))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .slice(4)
    .map((file) => read(folder, `migrations/${file}`).trim());
}
