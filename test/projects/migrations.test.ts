import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';

import { query } from '../../scripts/lib/database.ts';
import { everything } from './support/choices.ts';
import { emptyDatabase, makeProject, type Project } from './support/project.ts';

const breakpoint = '\n--> statement-breakpoint\n';

let project: Project;
let database: string;
let added: string;

beforeAll(async () => {
  project = await makeProject(everything);
  added = join(project.folder, 'migrations', '0001_two_tables.sql');
});

beforeEach(async () => {
  database = await emptyDatabase(inject('serverUrl'));
});

afterEach(() => {
  rmSync(added, { force: true });
});

function migrate() {
  return project.run('db:migrate', { NODE_ENV: 'production', DATABASE_URL: database });
}

async function tables(): Promise<string[]> {
  const rows = await query(database, 'SHOW TABLES');
  return rows.map((row) => String(Object.values(row)[0]));
}

test('a migration that fails half-way is reported, and resumed where it stopped', async () => {
  const first = 'CREATE TABLE first_one (id INT PRIMARY KEY)';
  const last = 'CREATE TABLE last_one (id INT PRIMARY KEY)';
  writeFileSync(added, [first, 'CREATE TABLE oops (id NONSENSE)', last].join(breakpoint));

  const failed = await migrate();
  expect(failed.exitCode).toBe(1);
  expect(failed.all).toContain('0001_two_tables.sql failed at statement 2 of 3');
  expect(await tables()).toContain('first_one');
  expect(await tables()).not.toContain('last_one');

  writeFileSync(added, [first, 'CREATE TABLE mended (id INT)', last].join(breakpoint));
  const resumed = await migrate();
  expect(resumed.exitCode, resumed.all).toBe(0);
  expect(await tables()).toEqual(expect.arrayContaining(['first_one', 'mended', 'last_one']));

  const again = await migrate();
  expect(again.exitCode, again.all).toBe(0);
  expect(again.all).toContain('Nothing to apply');
});

test('two processes that migrate at once apply each migration once, and both succeed', async () => {
  writeFileSync(added, 'CREATE TABLE slow_one AS SELECT SLEEP(1) AS slept');

  const both = await Promise.all([migrate(), migrate()]);

  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const output = both.map(({ all }) => all).join('\n');
  expect(output.match(/^applied /gm)).toHaveLength(2);
  const applied = await query(database, 'SELECT name FROM schema_migrations ORDER BY name');
  expect(applied.map(({ name }) => name)).toEqual(['0000_initial.sql', '0001_two_tables.sql']);
});
