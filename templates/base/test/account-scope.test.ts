import { eq, sql } from 'drizzle-orm';
import { foreignKey, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuid } from '#app/database/columns.ts';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing } from './support/sealing.ts';

// Two tables as a domain has them: the second's rows belong to rows of the first.
const projects = mysqlTable(
  'test_projects',
  {
    id: uuid('id').notNull(),
    accountId: uuid('account_id').notNull(),
    name: varchar('name', { length: 50 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);
const tasks = mysqlTable(
  'test_tasks',
  {
    id: uuid('id').notNull(),
    accountId: uuid('account_id').notNull(),
    projectId: uuid('project_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    foreignKey({
      columns: [table.accountId, table.projectId],
      foreignColumns: [projects.accountId, projects.id],
    }),
  ],
);
const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';

let testDatabase: TestDatabase;
let database: Database;
let ours = '';
let theirs = '';

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await testDatabase.connection.query(
    `CREATE TABLE test_projects (id ${id}, account_id ${id}, name VARCHAR(50) NOT NULL, PRIMARY KEY (account_id, id))`,
  );
  await testDatabase.connection.query(
    `CREATE TABLE test_tasks (id ${id}, account_id ${id}, project_id ${id}, PRIMARY KEY (account_id, id),
      FOREIGN KEY (account_id, project_id) REFERENCES test_projects (account_id, id))`,
  );
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 2 },
    sealing: testSealing,
  });
  [ours = '', theirs = ''] = await database.transaction(async (tx) => [
    await createAccount(tx, 'ours'),
    await createAccount(tx, 'theirs'),
  ]);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const makeProject = async (accountId: string, name: string) => {
  const projectId = newId();
  await database.withAccount(accountId).insert(projects, { id: projectId, name });
  return projectId;
};

test("another account's row is not found, changed, removed or listed", async () => {
  const projectId = await makeProject(theirs, 'secret plans');
  const scope = database.withAccount(ours);
  expect(await scope.find(projects, projectId)).toBeUndefined();
  expect(await scope.update(projects, projectId, { name: 'ours now' })).toBe(false);
  expect(await scope.remove(projects, projectId)).toBe(false);
  const listed = await scope.list(projects, {
    where: sql`1 = 1 OR 1 = 1`,
    orderBy: [sql`${projects.id}`],
    limit: 100,
  });
  expect(listed.filter((row) => row.accountId !== ours)).toEqual([]);
  expect(await database.withAccount(theirs).find(projects, projectId)).toMatchObject({
    name: 'secret plans',
  });
});

test('a row is made in the account, whatever the input says', async () => {
  const projectId = newId();
  const row = { id: projectId, name: 'mine', accountId: theirs };
  await database.withAccount(ours).insert(projects, row);
  expect(await database.withAccount(ours).find(projects, projectId)).toBeDefined();
  expect(await database.withAccount(theirs).find(projects, projectId)).toBeUndefined();
});

test('a change cannot move a row to another account', async () => {
  const projectId = await makeProject(ours, 'stays');
  const changes = { name: 'still ours', accountId: theirs };
  expect(await database.withAccount(ours).update(projects, projectId, changes)).toBe(true);
  expect(await database.withAccount(ours).find(projects, projectId)).toMatchObject({
    name: 'still ours',
  });
});

test("a row cannot point at another account's", async () => {
  const projectId = await makeProject(theirs, 'not yours');
  const task = { id: newId(), projectId };
  await expect(database.withAccount(ours).insert(tasks, task)).rejects.toMatchObject({
    cause: { errno: 1452 },
  });
});

test('an update takes effect only where the old values still hold', async () => {
  const projectId = await makeProject(ours, 'first');
  const rename = (name: string) =>
    database.withAccount(ours).update(projects, projectId, { name }, eq(projects.name, 'first'));
  const won = await Promise.all(['a', 'b', 'c', 'd'].map(rename));
  expect(won.filter(Boolean)).toHaveLength(1);
});

test('what a transaction of the scope wrote goes with it', async () => {
  const projectId = newId();
  const failing = database.withAccount(ours).transaction(async (scope) => {
    await scope.insert(projects, { id: projectId, name: 'not kept' });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await database.withAccount(ours).find(projects, projectId)).toBeUndefined();
});
