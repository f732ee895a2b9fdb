// How operators read and change rows of every account, shown on a table made for the purpose.
import { eq } from 'drizzle-orm';
import { mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createdAt, updatedAt, uuid } from '#app/database/columns.ts';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { changeData, lockAsSeen } from '#app/domains/admin/data/change.ts';
import { changedMeanwhile } from '#app/domains/admin/data/errors.ts';
import { readRows, RowsQuery } from '#app/domains/admin/data/rows.ts';
import type { ActionContext } from '#app/domains/admin/pages/define-page.ts';
import { notFound } from '#app/http/errors.ts';
import { auditLog } from '#app/platform/audit/models.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';

const marbles = mysqlTable(
  'test_marbles',
  {
    id: uuid('id').notNull(),
    accountId: uuid('account_id').notNull(),
    color: varchar('color', { length: 50 }).notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

let testDatabase: TestDatabase;
let database: Database;
let context: Pick<ActionContext, 'services' | 'operator'>;
let accounts: [string, string, string] = ['', '', ''];
/** In the order in which they were made. */
const ids: string[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
  const moment = 'DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)';
  await testDatabase.connection.query(
    `CREATE TABLE test_marbles (id ${id}, account_id ${id}, color VARCHAR(50) NOT NULL,
      created_at ${moment}, updated_at ${moment}, PRIMARY KEY (account_id, id))`,
  );
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  context = { services: { database }, operator: { id: 'an operator' } } as typeof context;
  accounts = await database.transaction(async (tx) => [
    await createAccount(tx, 'one'),
    await createAccount(tx, 'two'),
    await createAccount(tx, 'three'),
  ]);
  for (let n = 0; n < 360; n += 1) await addMarble(accounts[n % 3] ?? '', n);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** @param n milliseconds after the first, so that none was made at the time of another */
async function addMarble(account: string, n = 1000): Promise<string> {
  const id = newId(Date.UTC(2026, 0, 1, 0, 0, 0, n));
  await database.withAccount(account).insert(marbles, { id, color: 'green' });
  ids.push(id);
  return id;
}

const read = (query: Record<string, unknown>) =>
  readRows(database, marbles, RowsQuery.parse(query));

async function readAll(query: Record<string, unknown>, between = async () => {}) {
  let page = await read(query);
  const rows = [...page.rows];
  while (page.next !== undefined) {
    await between();
    page = await read({ ...query, cursor: page.next });
    rows.push(...page.rows);
  }
  return rows;
}

test('pages show each row of every account once, the newest of an account first', async () => {
  const rows = await readAll({});
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  for (const account of accounts) {
    const own = rows.filter(({ accountId }) => accountId === account).map(({ id }) => id);
    expect(own).toEqual(own.toSorted().toReversed());
    expect(await readAll({ account })).toEqual(
      rows.filter(({ accountId }) => accountId === account),
    );
  }
});

test('a row that comes meanwhile makes no other appear twice or not at all', async () => {
  const before = await readAll({});
  const added: string[] = [];
  const seen = await readAll({}, async () => {
    added.push(await addMarble(accounts[1]));
  });
  expect(seen.filter(({ id }) => !added.includes(id))).toEqual(before);
});

test('an account that is not there has no rows', async () => {
  for (const account of [newId(), 'nobody@example.com', "' OR 1 = 1"]) {
    expect(await readAll({ account })).toEqual([]);
  }
});

test.for(['nonsense', '1.2', `${newId()}.x`, newId()])('the cursor %s is refused', (cursor) => {
  expect(RowsQuery.safeParse({ cursor }).success).toBe(false);
});

/** Counts of this connection, which is the only one. */
async function counted(): Promise<{ sorted: number; read: number }> {
  const [rows] = await database.pool.query<RowDataPacket[]>(
    "SHOW SESSION STATUS WHERE Variable_name IN ('Sort_rows', 'Handler_read_prev')",
  );
  const counts = new Map(rows.map((row) => [row['Variable_name'], Number(row['Value'])]));
  return { sorted: counts.get('Sort_rows') ?? NaN, read: counts.get('Handler_read_prev') ?? NaN };
}

test('a page costs as many rows as it shows, wherever it is, and sorts none', async () => {
  const first = await read({});
  for (const query of [{}, { cursor: first.next }, { account: accounts[0] }]) {
    const before = await counted();
    const { rows } = await read(query);
    const after = await counted();
    expect(after.sorted).toBe(before.sorted);
    expect(after.read - before.read).toBeGreaterThan(0);
    expect(after.read - before.read).toBeLessThanOrEqual(rows.length + 2);
  }
});

test('a change and its record are there together, or neither is', async () => {
  const [account] = accounts;
  const act = { action: 'data.changed', domain: 'marbles', accountId: account };
  const id = await addMarble(account);
  const change = (color: string, work = async () => {}) =>
    changeData(context, act, async (scope) => {
      await scope.update(marbles, id, { color });
      await work();
      return { id, fields: ['color'] };
    });
  const recorded = () => {
    const ofIt = eq(auditLog.subject, `marbles:${id}`);
    return database.queries.select().from(auditLog).where(ofIt);
  };

  const failure = new Error('It goes wrong');
  await expect(change('blue', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await database.withAccount(account).find(marbles, id)).toMatchObject({ color: 'green' });
  expect(await recorded()).toEqual([]);

  await change('red');
  expect(await database.withAccount(account).find(marbles, id)).toMatchObject({ color: 'red' });
  expect(await recorded()).toMatchObject([
    {
      actor: 'admin:an operator',
      action: 'data.changed',
      detail: { accountId: account, fields: ['color'] },
    },
  ]);
});

test('a row is taken hold of as it was seen, and not otherwise', async () => {
  const scope = database.withAccount(accounts[0]);
  const id = await addMarble(scope.accountId);
  const seen = (await scope.find(marbles, id))?.updatedAt ?? new Date(NaN);
  const earlier = new Date(seen.getTime() - 1);
  expect(await lockAsSeen(scope, marbles, id, seen)).toMatchObject({ id, updatedAt: seen });
  const late = lockAsSeen(scope, marbles, id, earlier);
  await expect(late).rejects.toHaveProperty('kind', changedMeanwhile);
  const elsewhere = lockAsSeen(database.withAccount(accounts[1]), marbles, id, seen);
  await expect(elsewhere).rejects.toHaveProperty('kind', notFound);
});
