import { once } from 'node:events';
import { sql, type SQL } from 'drizzle-orm';
import type { PoolConnection } from 'mysql2';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { describeError } from '#app/log-error.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing } from './support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await testDatabase.connection.query(
    'CREATE TABLE counters (id INT PRIMARY KEY, value INT NOT NULL)',
  );
  await testDatabase.connection.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 },
    sealing: testSealing,
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const rowsOf = async (tx: Transaction, query: SQL): Promise<RowDataPacket[]> =>
  (await tx.execute(query))[0] as unknown as RowDataPacket[];

const valueOf = async (id: number) => {
  const [[row]] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT value FROM counters WHERE id = ?',
    [id],
  );
  return row?.['value'];
};

const add = (tx: Transaction) =>
  tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = 1`);

/** Resolves when the driver has seen that the server closed the connection. */
const kill = async (connection: PoolConnection) => {
  const lost = new Promise((resolve) => connection.once('error', resolve));
  await testDatabase.connection.query(`KILL ${connection.threadId}`);
  await lost;
};

test('every connection reads committed rows, in UTC, and takes no bad value silently', async () => {
  const seen = await Promise.all(
    Array.from({ length: 5 }, () =>
      database.transaction(async (tx) => {
        const [row] = await rowsOf(
          tx,
          sql`SELECT CONNECTION_ID() AS id, @@time_zone AS zone, @@innodb_lock_wait_timeout AS wait, @@sql_mode AS mode`,
        );
        return row;
      }),
    ),
  );
  for (const row of seen) {
    expect(row).toMatchObject({ zone: '+00:00', wait: 3 });
    expect(row?.['mode']).toContain('STRICT_ALL_TABLES');
  }
  const committedMeanwhile = await database.transaction(async (tx) => {
    await tx.execute(sql`SELECT value FROM counters WHERE id = 1`);
    await testDatabase.connection.query('UPDATE counters SET value = 41 WHERE id = 1');
    const [row] = await rowsOf(tx, sql`SELECT value FROM counters WHERE id = 1`);
    return row?.['value'];
  });
  expect(committedMeanwhile).toBe(41);
});

test('of two transactions that deadlock, the loser is run again, whole', async () => {
  await testDatabase.connection.query('UPDATE counters SET value = 0');
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  let runs = 0;
  const addInOrder = (first: number, second: number) =>
    database.transaction(async (tx) => {
      runs += 1;
      await tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = ${first}`);
      waiting += 1;
      if (waiting >= 2) met.resolve();
      await met.promise;
      await tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = ${second}`);
    });
  await Promise.all([addInOrder(1, 2), addInOrder(2, 1)]);
  expect(runs).toBeGreaterThan(2);
  expect([await valueOf(1), await valueOf(2)]).toEqual([2, 2]);
});

test('what a transaction throws undoes all that it wrote', async () => {
  const before = await valueOf(1);
  const failing = database.transaction(async (tx) => {
    await tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = 1`);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await valueOf(1)).toBe(before);
});

test('a statement that comes after its transaction is not sent', async () => {
  const before = await valueOf(1);
  const committed = await database.transaction((tx) => tx);
  await expect(add(committed)).rejects.toThrow('Failed query');
  let undone = committed;
  const failing = database.transaction((tx) => {
    undone = tx;
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await expect(add(undone)).rejects.toThrow('Failed query');
  expect(await valueOf(1)).toBe(before);
});

test('what is to follow a commit follows it once, and never a rollback', async () => {
  const seen: unknown[] = [];
  let runs = 0;
  const follow = (tx: Transaction) => tx.afterCommit(() => seen.push(runs));
  await database.transaction(async (tx) => {
    runs += 1;
    follow(tx);
    if (runs === 1) throw Object.assign(new Error('deadlock'), { errno: 1213 });
    expect(seen).toEqual([]);
  });
  expect(seen).toEqual([2]);
  const failing = database.transaction(async (tx) => {
    follow(tx);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(seen).toEqual([2]);
});

test('what is done right before a commit is done once, last, and can keep it from happening', async () => {
  const seen: unknown[] = [];
  const before = await valueOf(1);
  let runs = 0;
  await database.transaction(async (tx) => {
    runs += 1;
    const run = runs;
    tx.beforeCommit(async () => {
      const [row] = await rowsOf(tx, sql`SELECT action FROM audit_log ORDER BY id DESC LIMIT 1`);
      seen.push(run, await valueOf(1), row?.['action']);
    });
    tx.afterCommit(() => void seen.push('committed'));
    await add(tx);
    recordAct(tx, { actor: 'system', action: 'test.counted' });
    if (runs === 1) throw Object.assign(new Error('deadlock'), { errno: 1213 });
  });
  expect(seen).toEqual([2, before, 'test.counted', 'committed']);
  expect(await valueOf(1)).toBe(before + 1);

  const failing = database.transaction(async (tx) => {
    tx.beforeCommit(async () => {
      throw new Error('no');
    });
    await add(tx);
  });
  await expect(failing).rejects.toThrow('no');
  expect(await valueOf(1)).toBe(before + 1);
});

test('a transaction that is ended from outside is undone, and cannot write any more', async () => {
  const before = await valueOf(1);
  const ending = new AbortController();
  const late = Promise.withResolvers<PromiseSettledResult<unknown> | undefined>();
  const ended = database.transaction(
    async (tx) => {
      await add(tx);
      ending.abort(new Error('enough'));
      late.resolve((await Promise.allSettled([add(tx)]))[0]);
      await new Promise(() => undefined);
    },
    { signal: ending.signal },
  );
  await expect(ended).rejects.toThrow('enough');
  expect(await late.promise).toMatchObject({ status: 'rejected' });
  // The server has let the row go.
  await database.transaction(add);
  expect(await valueOf(1)).toBe(Number(before) + 1);

  const begun = database.transaction(add, { signal: ending.signal });
  await expect(begun).rejects.toThrow('enough');
  expect(await valueOf(1)).toBe(Number(before) + 1);
});

test('a connection that died while it was idle does not fail the next transaction', async () => {
  const [[row]] = await database.pool.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
  await testDatabase.connection.query(`KILL ${row?.['id']}`);
  await expect(database.transaction((tx) => tx.execute(sql`SELECT 1`))).resolves.toBeDefined();
});

test('a transaction whose connection is lost between its statements is run again, whole', async () => {
  await testDatabase.connection.query('UPDATE counters SET value = 0');
  const acquired = once(database.pool.pool, 'acquire');
  let runs = 0;
  await database.transaction(async (tx) => {
    runs += 1;
    await tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = 1`);
    if (runs === 1) await kill((await acquired)[0] as PoolConnection);
    await tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = 2`);
  });
  expect(runs).toBe(2);
  expect([await valueOf(1), await valueOf(2)]).toEqual([1, 1]);
});

test('a database error is logged without the values that were bound', async () => {
  const error = await database.queries
    .execute(sql`INSERT INTO counters VALUES (${1}, ${'hunter2@example.com'})`)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  const logged = JSON.stringify(describeError(error));
  expect(logged).toMatch(/ER_DUP_ENTRY|ER_TRUNCATED_WRONG_VALUE/);
  expect(logged).toContain('INSERT INTO counters');
  expect(logged).not.toContain('hunter2');
});

test('ids are UUIDs of version 7, all different, in the order of their time', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => newId(1_700_000_000_000 + index));
  for (const id of ids) {
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  }
  expect(new Set(ids).size).toBe(1000);
  expect(ids.toSorted()).toEqual(ids);
});

// MariaDB misses rows by such an index while others write, and says nothing of it.
test('no index is of a virtual column', async () => {
  const [found] = await testDatabase.connection.query<RowDataPacket[]>(
    `SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS
     JOIN information_schema.COLUMNS USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)
     WHERE TABLE_SCHEMA = DATABASE() AND EXTRA LIKE '%VIRTUAL%'`,
  );
  expect(found).toEqual([]);
});
