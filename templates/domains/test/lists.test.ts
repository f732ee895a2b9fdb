// Lists, shown on a table made for the purpose.
import { sql } from 'drizzle-orm';
import { boolean, double, int, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createdAt, uuid } from '#app/database/columns.ts';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { readPage } from '#app/database/page.ts';
import { createAccount } from '#app/domains/accounts/service.ts';
import { listQuery, presentPage } from '#app/http/lists.ts';
import { booleanText, integerText, moment } from '#app/http/wire.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing } from './support/sealing.ts';

const marbles = mysqlTable(
  'test_marbles',
  {
    id: uuid('id').notNull(),
    accountId: uuid('account_id').notNull(),
    color: varchar('color', { length: 50 }).notNull(),
    weight: double('weight').notNull(),
    scratches: int('scratches').notNull(),
    lost: boolean('lost').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

const Query = listQuery({
  sort: {
    createdAt: moment,
    color: z.string(),
    weight: z.number(),
    scratches: z.int(),
  },
  filters: {
    color: z.string().optional(),
    scratches: integerText.optional(),
    lost: booleanText.optional(),
  },
});

let testDatabase: TestDatabase;
let database: Database;
let account = '';

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
  await testDatabase.connection.query(
    `CREATE TABLE test_marbles (id ${id}, account_id ${id}, color VARCHAR(50) NOT NULL, weight DOUBLE NOT NULL,
      scratches INT NOT NULL, lost BOOLEAN NOT NULL, created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
      PRIMARY KEY (account_id, id))`,
  );
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 2 },
    sealing: testSealing,
  });
  account = await database.transaction((tx) => createAccount(tx, 'ours'));
  for (let n = 0; n < 60; n += 1) await addMarble(n);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Few values, so that most rows are alike in what they are sorted by. */
async function addMarble(n: number): Promise<string> {
  const id = newId();
  await database.withAccount(account).insert(marbles, {
    id,
    color: ['blue', 'Blue', 'green', 'ÄRGER', 'ärger', '“red” & \\', '🟣'][n % 7] ?? '',
    weight: [0.1, 1 / 3, -2.5, 1e300, 5][n % 5] ?? 0,
    scratches: (n % 4) - 1,
    lost: n % 2 === 0,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, n % 6)),
  });
  return id;
}

async function read(query: Record<string, string>) {
  const request = Query.parse(query);
  const page = await readPage(database.withAccount(account), marbles, request);
  return presentPage(page, request, (row) => row);
}

async function readAll(query: Record<string, string>, between = async () => {}) {
  const rows = [];
  let { data, nextCursor } = await read(query);
  rows.push(...data);
  while (nextCursor !== null) {
    await between();
    ({ data, nextCursor } = await read({ ...query, cursor: nextCursor }));
    rows.push(...data);
  }
  return rows;
}

const sorts = ['createdAt', 'color', 'weight', 'scratches'];

test.for(sorts)('by %s, pages of any size show each row once, in one order', async (sort) => {
  const whole = await readAll({ sort, limit: '100' });
  expect(whole).toHaveLength(60);
  for (const limit of ['1', '7', '59', '60']) {
    expect(await readAll({ sort, limit })).toEqual(whole);
    expect(await readAll({ sort: `-${sort}`, limit })).toEqual(whole.toReversed());
  }
});

test('the newest come first where nothing is said', async () => {
  expect(await readAll({})).toEqual(await readAll({ sort: '-createdAt' }));
});

test('a row that comes or goes meanwhile makes no other appear twice or not at all', async () => {
  const before = await readAll({ sort: 'scratches' });
  const added: string[] = [];
  const seen = await readAll({ sort: 'scratches', limit: '9' }, async () => {
    added.push(await addMarble(added.length));
  });
  const scope = database.withAccount(account);
  for (const id of added) await scope.remove(marbles, id);
  const kept = seen.filter(({ id }) => !added.includes(id));
  expect(kept).toEqual(before);
});

test('filters hold together, on every page', async () => {
  const query = { lost: 'true', scratches: '1' };
  const rows = await readAll({ ...query, limit: '4' });
  expect(rows.length).toBeGreaterThan(4);
  for (const row of rows) expect(row).toMatchObject({ lost: true, scratches: 1 });
  expect(await readAll({ color: 'no such color' })).toEqual([]);
});

test('a whole number is taken as far as it is exact', () => {
  const largest = String(Number.MAX_SAFE_INTEGER);
  for (const text of [largest, `-${largest}`, '0']) {
    expect(integerText.parse(text)).toBe(Number(text));
  }
  for (const text of ['9007199254740993', '1.5', '1e3', '', ' 1']) {
    expect(integerText.safeParse(text).success).toBe(false);
  }
});

test('a condition is a value, never a part of the statement', async () => {
  expect(await readAll({ color: `' OR '1' = '1` })).toEqual([]);
  const [count] = await database.queries.select({ all: sql<number>`COUNT(*)` }).from(marbles);
  expect(count?.all).toBe(60);
});

const encode = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

test.for([
  ['no cursor', 'nonsense'],
  ['one of another order', encode(['weight', 1, newId()])],
  ['one of the other direction', encode(['-color', 'blue', newId()])],
  ['one with a value of another type', encode(['color', 1, newId()])],
  ['one with an object', encode(['color', { toString: 1 }, newId()])],
  ['one without an id', encode(['color', 'blue'])],
  ['one with another id', encode(['color', 'blue', '1 OR 1 = 1'])],
])('%s is refused', ([, cursor]) => {
  const result = Query.safeParse({ sort: 'color', cursor });
  expect(result.error?.issues).toMatchObject([{ path: ['cursor'] }]);
});

test.for([
  [{ limit: '0' }, 'limit'],
  [{ limit: '101' }, 'limit'],
  [{ sort: 'lost' }, 'sort'],
  [{ sort: '--color' }, 'sort'],
  [{ scratches: '' }, 'scratches'],
  [{ scratches: '1.5' }, 'scratches'],
  [{ lost: 'yes' }, 'lost'],
] as const)('%o is refused', ([query, field]) => {
  expect(Query.safeParse(query).error?.issues).toMatchObject([{ path: [field] }]);
});

test.for(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', '2026-02-29T00:00:00Z'])(
  'the moment %s, which no database holds, is refused',
  (text) => {
    expect(moment.safeParse(text).success).toBe(false);
  },
);
