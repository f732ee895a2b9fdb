import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { offeredFeatures } from '../../scripts/lib/generate.ts';
import { root } from '../../scripts/lib/root.ts';
import { catalog } from '../../src/catalog/features.ts';
import { requirementsOf } from '../../src/catalog/resolve.ts';
import { makeBranches } from '../cli/support/branches.ts';
import { commit, git, tryGit } from '../cli/support/git.ts';
import { everything, subject } from './support/choices.ts';
import { emptyDatabase, makeProject, testServers, type Project } from './support/project.ts';

const fields = 'name:string,email:email:unique';
const id = '00000000-0000-7000-8000-000000000001';

async function migrate(project: Project, database: string): Promise<void> {
  const settings = { NODE_ENV: 'production', DATABASE_URL: database };
  const { exitCode, all } = await project.run('db:migrate', settings);
  expect(exitCode, all).toBe(0);
}

async function tables(database: string): Promise<string[]> {
  const rows = await query(database, 'SHOW TABLES');
  return rows.map((row) => String(Object.values(row)[0])).toSorted();
}

/** Lint, format, types, and migrations that are in step with the models. */
async function examineSound(project: Project): Promise<void> {
  for (const script of ['typecheck', 'lint', 'format:check']) {
    const { exitCode, all } = await project.run(script);
    expect(exitCode, `${script}: ${all}`).toBe(0);
  }
  const { all } = await project.run('db:generate');
  expect(all).toContain('No schema changes');
}

describe('data in tables', () => {
  let project: Project;
  let database: string;

  beforeAll(async () => {
    project = await makeProject(subject);
    database = await emptyDatabase(inject('serverUrl'));
  });

  test('survives that its domain goes and comes again, and goes with --drop-table', async () => {
    expect(await project.shipkit('add-domain', 'customers', '--fields', fields)).toContain(
      'migrations/0001_add_customers.sql',
    );
    await migrate(project, database);
    await query(
      database,
      `INSERT INTO accounts (id, name) VALUES ('${id}', 'a')`,
      `INSERT INTO customers (id, account_id, name, email) VALUES ('${id}', '${id}', 'c', 'c@example.com')`,
    );
    const rows = () => query(database, 'SELECT name FROM customers');

    await project.shipkit('remove-domain', 'customers');
    await examineSound(project);
    await migrate(project, database);
    expect(await rows()).toEqual([{ name: 'c' }]);

    await project.shipkit('add-domain', 'customers', '--fields', fields);
    expect(existsSync(join(project.folder, 'src', 'database', 'retired.ts'))).toBe(false);
    await examineSound(project);
    await migrate(project, database);
    expect(await rows()).toEqual([{ name: 'c' }]);

    const told = await project.shipkit('remove-domain', 'customers', '--drop-table');
    expect(told).toContain('careful  the new migration loses data: DROP TABLE `customers`');
    await examineSound(project);
    await migrate(project, database);
    expect(await tables(database)).not.toContain('customers');
  });

  test('that was kept goes by --drop-table later, when nothing refers to it', async () => {
    await project.shipkit('add-domain', 'notes', '--fields', 'text:string');
    await project.shipkit('add-domain', 'marks', '--fields', 'note:ref(notes)');
    await migrate(project, database);
    const removed = await project.shipkit('remove-domain', 'marks');
    expect(removed).toContain('shipkit add-domain marks --fields "note:ref(notes)"');
    await project.shipkit('remove-domain', 'notes');
    await expect(project.shipkit('remove-domain', 'notes')).rejects.toMatchObject({
      exitCode: 2,
      all: expect.stringContaining('shipkit remove-domain notes --drop-table'),
    });
    await expect(project.shipkit('remove-domain', 'notes', '--drop-table')).rejects.toMatchObject({
      exitCode: 3,
      all: expect.stringContaining('has the table marks that refers to it'),
    });
    for (const name of ['marks', 'notes']) {
      const told = await project.shipkit('remove-domain', name, '--drop-table');
      expect(told).toContain(`DROP TABLE \`${name}\``);
    }
    expect(existsSync(join(project.folder, 'src', 'database', 'retired.ts'))).toBe(false);
    await examineSound(project);
    await migrate(project, database);
    expect(await tables(database)).not.toContain('notes');
  });

  test('of every feature survives that it goes and comes again', async () => {
    const rich = await makeProject(everything);
    const filled = await emptyDatabase(inject('serverUrl'));
    await migrate(rich, filled);
    await query(
      filled,
      `INSERT INTO accounts (id, name) VALUES ('${id}', 'a')`,
      `INSERT INTO billing_customers (account_id) VALUES ('${id}')`,
    );
    const before = await tables(filled);
    for (const feature of offeredFeatures()) {
      // With those that cannot do without it.
      const together = [
        feature,
        ...offeredFeatures().filter((other) => requirementsOf(other, catalog).includes(feature)),
      ];
      await rich.shipkit('remove', ...together);
      await migrate(rich, filled);
      await rich.shipkit('add', ...together);
      await migrate(rich, filled);
    }
    // Operators' sessions had a table while Redis was away, and a table is kept until it is dropped.
    expect(await tables(filled)).toEqual([...before, 'admin_sessions'].toSorted());
    expect(await query(filled, 'SELECT name FROM accounts')).toEqual([{ name: 'a' }]);
    expect(await query(filled, 'SELECT account_id AS id FROM billing_customers')).toEqual([{ id }]);
    await examineSound(rich);

    // Tables that refer to each other: the database takes the order in which they are dropped.
    await rich.shipkit('remove', ...offeredFeatures(), '--drop-table');
    await migrate(rich, filled);
    expect((await tables(filled)).filter((table) => /^(?:admin|billing)_/u.test(table))).toEqual(
      [],
    );
    await examineSound(rich);
  });

  test('is not touched where a dropped table and edits of the owner meet: drops come alone', async () => {
    await project.shipkit('add-domain', 'tickets', '--fields', 'title:string');
    await project.shipkit('add-domain', 'orders', '--fields', 'title:string');
    const models = join(project.folder, 'src', 'domains', 'tickets', 'models.ts');
    const text = readFileSync(models, 'utf8');
    writeFileSync(models, text.replace("varchar('title'", "varchar('heading'"));
    // drizzle-kit would ask whether the column was renamed: nothing of the owner's is guessed.
    const told = await project.shipkit('remove-domain', 'orders', '--drop-table');
    expect(told).toContain('npm run db:generate');
  });
});

test('two branches that each add a domain are one project after doctor --fix, migrations too', async () => {
  const project = await makeProject(subject);
  const database = await emptyDatabase(inject('serverUrl'));
  git(project.folder, 'init', '-q', '-b', 'main');
  commit(project.folder);
  const add = async (name: string, list: string) => {
    await project.shipkit('add-domain', name, '--fields', list);
  };
  await makeBranches(project.folder, {
    one: () => add('customers', fields),
    two: () => add('tickets', 'title:string'),
  });
  // The migration that is to get another number has been applied already.
  await migrate(project, database);
  expect(tryGit(project.folder, 'merge', 'one').exitCode).toBe(1);

  const command = join(root, 'bin', 'shipkit.js');
  const fixed = await execa(process.execPath, [command, 'doctor', '--fix'], {
    cwd: project.folder,
    env: cleanEnvironment(),
    extendEnv: false,
    all: true,
  });
  expect(fixed.all).toContain('Nothing stands in the way');
  commit(project.folder);
  await examineSound(project);
  await migrate(project, database);
  expect(await tables(database)).toEqual(expect.arrayContaining(['customers', 'tickets']));
  const applied = await query(database, 'SELECT name FROM schema_migrations');
  expect(applied).toHaveLength(3);

  await project.shipkit('add-domain', 'orders', '--fields', 'customer:ref(customers)');
  await migrate(project, database);
  const { exitCode, all } = await project.run('test', testServers());
  expect(exitCode, all).toBe(0);
});
