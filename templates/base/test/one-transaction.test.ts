// Work that becomes one transaction, whatever it calls.
import { sql } from 'drizzle-orm';
import { char, int, mysqlTable, primaryKey } from 'drizzle-orm/mysql-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RowDataPacket } from 'mysql2/promise';
import { openDatabase, type Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing } from './support/sealing.ts';

const notes = mysqlTable(
  'test_notes',
  {
    accountId: char('account_id', { length: 36 }).notNull(),
    id: char('id', { length: 36 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);
const counters = mysqlTable('test_counters', {
  id: int('id').primaryKey(),
  value: int('value').notNull(),
});

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { connection, url } = testDatabase;
  await connection.query(
    'CREATE TABLE test_notes (account_id CHAR(36), id CHAR(36), PRIMARY KEY (account_id, id))',
  );
  await connection.query('CREATE TABLE test_counters (id INT PRIMARY KEY, value INT NOT NULL)');
  // One connection: what waited for a second one would wait for ever.
  database = await openDatabase({
    settings: { DATABASE_URL: url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
});

beforeEach(async () => {
  await testDatabase.connection.query('DELETE FROM test_notes');
  await testDatabase.connection.query('REPLACE INTO test_counters VALUES (1, 0), (2, 0)');
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const write = (id: string) => database.queries.insert(notes).values({ accountId: 'ours', id });

/** What is committed, seen from outside. */
async function written(): Promise<string[]> {
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT id FROM test_notes ORDER BY id',
  );
  return rows.map(({ id }) => String(id));
}

async function entriesOf(actor: string): Promise<number> {
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT id FROM audit_log WHERE actor = ?',
    [actor],
  );
  return rows.length;
}

/** Writes in each of the ways that there are. */
async function writeInEveryWay(): Promise<void> {
  const { queries, statements } = database;
  await queries.insert(notes).values({ accountId: 'ours', id: 'by queries' });
  await statements.execute('INSERT INTO test_notes VALUES (?, ?)', ['ours', 'by statements']);
  const account = database.withAccount('ours');
  await account.insert(notes, { id: 'by account' });
  await account.transaction((scope) => scope.insert(notes, { id: 'by an account’s transaction' }));
  await database.transaction((tx) =>
    tx.insert(notes).values({ accountId: 'ours', id: 'by transaction' }),
  );
}

test('all that is done in there is committed at its end, and seen in there before', async () => {
  await database.inOneTransaction(async () => {
    await writeInEveryWay();
    expect(await written()).toEqual([]);
    expect(await database.queries.select().from(notes)).toHaveLength(5);
  });
  expect(await written()).toHaveLength(5);
});

test('what it throws undoes all of it', async () => {
  const failing = database.inOneTransaction(async () => {
    await writeInEveryWay();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await written()).toEqual([]);
});

test('a transaction in there that fails is undone by itself, with its entries and effects', async () => {
  const effects: string[] = [];
  const part = (name: string, refusal?: string) =>
    database.transaction(async (tx) => {
      recordAct(tx, { actor: `part:${name}`, action: 'note.written' });
      tx.afterCommit(() => effects.push(name));
      await write(name);
      if (refusal !== undefined) throw new Error(refusal);
    });
  await database.inOneTransaction(async () => {
    await part('a');
    await expect(part('b', 'no')).rejects.toThrow('no');
    await part('c');
    expect(effects).toEqual([]);
  });
  expect(await written()).toEqual(['a', 'c']);
  expect(effects).toEqual(['a', 'c']);
  const entries = await Promise.all(['a', 'b', 'c'].map((name) => entriesOf(`part:${name}`)));
  expect(entries).toEqual([1, 0, 1]);
});

test('a part of a part is undone by itself too', async () => {
  await database.inOneTransaction(() =>
    database.transaction(async () => {
      await write('outer');
      const inner = database.transaction(async () => {
        await write('inner');
        throw new Error('no');
      });
      await expect(inner).rejects.toThrow('no');
    }),
  );
  expect(await written()).toEqual(['outer']);
});

test('what is begun at once comes one after the other, and is undone apart', async () => {
  await database.inOneTransaction(async () => {
    const failing = database.transaction(async () => {
      await write('undone');
      throw new Error('no');
    });
    await Promise.allSettled([failing, write('alone'), database.transaction(() => write('part'))]);
  });
  expect(await written()).toEqual(['alone', 'part']);
});

test('a deadlock has the whole run again, also where it was caught in there', async () => {
  const other = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  let runs = 0;
  const crossing = (mine: 0 | 1, on: Database) =>
    on.inOneTransaction(async () => {
      runs += 1;
      const add = (id: number) =>
        on.queries
          .update(counters)
          .set({ value: sql`value + 1` })
          .where(sql`id = ${id}`);
      await on.transaction(() => add(mine + 1));
      met[mine].resolve();
      await met[1 - mine]?.promise;
      await on.transaction(() => add(2 - mine)).catch(() => undefined);
      // After a deadlock this would be committed by itself.
      await on.queries
        .insert(notes)
        .values({ accountId: 'ours', id: `${mine}` })
        .catch(() => undefined);
    });
  await Promise.all([crossing(0, database), crossing(1, other)]);
  await other.close();

  expect(runs).toBe(3);
  expect(await written()).toEqual(['0', '1']);
  const values = await database.queries.select().from(counters);
  expect(values.map(({ value }) => value)).toEqual([2, 2]);
});

test('what goes on after the end is on its own; after a failure it is not done', async () => {
  const ended = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  const goOn = async (id: string) => {
    await ended.promise;
    await write(id);
  };
  await database.inOneTransaction(async () => void late.push(goOn('after success')));
  const failing = database.inOneTransaction(async () => {
    late.push(goOn('after failure'));
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  ended.resolve();
  const outcomes = await Promise.allSettled(late);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await written()).toEqual(['after success']);
});

test('a transaction that was begun in there, unawaited, is awaited before all is committed', async () => {
  const begun = Promise.withResolvers<void>();
  const returned = Promise.withResolvers<void>();
  await database.inOneTransaction(async () => {
    const part = database.transaction(async () => {
      await write('half of it');
      begun.resolve();
      await returned.promise;
      throw new Error('no');
    });
    part.catch(() => undefined);
    await begun.promise;
    setImmediate(returned.resolve);
  });
  expect(await written()).toEqual([]);
});

test('what is ended from outside undoes all of it', async () => {
  const ending = new AbortController();
  const ended = database.inOneTransaction(async () => {
    await write('before');
    await database.transaction(
      async () => {
        ending.abort(new Error('enough'));
        await new Promise(() => undefined);
      },
      { signal: ending.signal },
    );
  });
  await expect(ended).rejects.toThrow('enough');
  expect(await written()).toEqual([]);
});
