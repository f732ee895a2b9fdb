import { eq, sql } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { requestContext } from '#app/http/request-context.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { auditLog } from '#app/platform/audit/models.ts';
import { verifyLog } from '#app/platform/audit/verify.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing as sealing } from './support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;
let another: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 };
  database = await openDatabase({ settings, sealing });
  another = await openDatabase({ settings, sealing });
  await testDatabase.connection.query(
    'CREATE TABLE counters (id INT PRIMARY KEY, value INT NOT NULL)',
  );
  await testDatabase.connection.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
});

afterAll(async () => {
  await database.close();
  await another.close();
  await testDatabase.drop();
});

const entriesOf = (actor: string) =>
  database.queries.select().from(auditLog).where(eq(auditLog.actor, actor));

const add = (tx: Transaction, id: number) =>
  tx.execute(sql`UPDATE counters SET value = value + 1 WHERE id = ${id}`);

test('500 concurrent acts of two services are one chain without a gap', async () => {
  const before = await verifyLog({ database, sealing });
  await Promise.all(
    Array.from({ length: 500 }, (_, index) =>
      (index % 2 === 0 ? database : another).transaction((tx) =>
        recordAct(tx, { actor: `user:${index}`, action: 'user.renamed', detail: { index } }),
      ),
    ),
  );
  const { entries, broken } = await verifyLog({ database, sealing });
  expect([entries - before.entries, broken]).toEqual([500, undefined]);
});

test('an act is recorded with who, what, to whom, and in which request', async () => {
  const act = {
    actor: 'user:a',
    action: 'user.renamed',
    subject: 'user:b',
    detail: { fields: ['name'] },
  };
  const context = { requestId: 'a-request', logFields: {} };
  await requestContext.run(context, () => database.transaction((tx) => recordAct(tx, act)));
  expect(await entriesOf('user:a')).toEqual([
    {
      ...act,
      id: expect.any(Number),
      at: expect.any(Date),
      operator: null,
      requestId: 'a-request',
      hash: expect.any(Buffer),
    },
  ]);
});

test('who acts in the place of another is recorded beside that one', async () => {
  const context = { requestId: 'b-request', logFields: {}, operator: 'operator:ada' };
  await requestContext.run(context, () =>
    database.transaction((tx) => recordAct(tx, { actor: 'user:c', action: 'user.renamed' })),
  );
  expect(await entriesOf('user:c')).toMatchObject([{ operator: 'operator:ada' }]);
});

test('what happens outside a request is recorded without one', async () => {
  await database.transaction((tx) => recordAct(tx, { actor: 'system', action: 'keys.retired' }));
  expect(await entriesOf('system')).toMatchObject([
    { subject: null, detail: null, requestId: null, operator: null },
  ]);
});

test('whatever text and numbers an act has, they come back as they were hashed', async () => {
  const odd = {
    b: [1e21, 1e-7, 0.1 + 0.2, -0, 2 ** 53],
    a: { ü: 'naïve 𝒳 \ud800 \u0000 \\ " \' ', at: new Date(0), nothing: undefined },
    '2': null,
    __proto__: 1,
  };
  const actor = 'user:Zoë \ud800  ';
  await database.transaction((tx) =>
    recordAct(tx, { actor, action: 'user.renamed', subject: '𝒳', detail: odd }),
  );
  const stored = await entriesOf(actor.toWellFormed());
  expect(stored).toMatchObject([{ detail: JSON.parse(JSON.stringify(odd)) }]);
  expect(await verifyLog({ database, sealing })).toMatchObject({ broken: undefined });
});

test('several acts of one transaction are written in the order in which they were noted', async () => {
  await database.transaction((tx) => {
    for (const step of [1, 2, 3]) recordAct(tx, { actor: 'user:d', action: `step.${step}` });
  });
  const entries = await entriesOf('user:d');
  expect(entries.map(({ action }) => action)).toEqual(['step.1', 'step.2', 'step.3']);
});

test('an act that is undone leaves no entry', async () => {
  const undone = database.transaction((tx) => {
    recordAct(tx, { actor: 'user:e', action: 'user.renamed' });
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  expect(await entriesOf('user:e')).toEqual([]);
});

test('an entry that cannot be written undoes its act', async () => {
  const act = { actor: 'user:f', action: 'a'.repeat(101) };
  const before = await verifyLog({ database, sealing });
  const refused = database.transaction(async (tx) => {
    await tx.execute(sql`INSERT INTO counters VALUES (3, 0)`);
    recordAct(tx, act);
  });
  await expect(refused).rejects.toThrow(/audit_log/);
  const [rows] = await testDatabase.connection.query('SELECT * FROM counters WHERE id = 3');
  expect(rows).toEqual([]);
  expect(await verifyLog({ database, sealing })).toEqual(before);
});

test('a transaction that is run again after a deadlock records its act once', async () => {
  let runs = 0;
  const bothHold = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const crossing = (mine: 0 | 1) =>
    database.transaction(async (tx) => {
      runs += 1;
      recordAct(tx, { actor: `user:crossing-${mine}`, action: 'user.renamed' });
      await add(tx, mine + 1);
      bothHold[mine].resolve();
      await bothHold[1 - mine]?.promise;
      await add(tx, 2 - mine);
    });
  await Promise.all([crossing(0), crossing(1)]);
  expect(runs).toBe(3);
  for (const actor of ['user:crossing-0', 'user:crossing-1']) {
    expect(await entriesOf(actor)).toHaveLength(1);
  }
});

test('whoever has recorded something waits for nobody who has not come to the end', async () => {
  const noted = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const slow = database.transaction(async (tx) => {
    recordAct(tx, { actor: 'user:slow', action: 'user.renamed' });
    noted.resolve();
    await end.promise;
  });
  await noted.promise;
  await another.transaction((tx) => recordAct(tx, { actor: 'user:fast', action: 'user.renamed' }));
  end.resolve();
  await slow;
  const [fast] = await entriesOf('user:fast');
  const [late] = await entriesOf('user:slow');
  expect(late?.id).toBe((fast?.id ?? 0) + 1);
});

test('the time of an entry is that at which it came to its place, also where it had to wait', async () => {
  const { connection } = testDatabase;
  await connection.beginTransaction();
  await connection.query('SELECT * FROM audit_head FOR UPDATE');
  const waiting = database.transaction((tx) =>
    recordAct(tx, { actor: 'user:waits', action: 'user.renamed' }),
  );
  await expect.poll(isWaiting, { timeout: 30_000 }).toBe(true);
  const asked = await databaseTime();
  await expect.poll(databaseTime, { timeout: 30_000 }).toSatisfy((now: Date) => now > asked);
  const freed = await databaseTime();
  await connection.commit();
  await waiting;
  const [entry] = await entriesOf('user:waits');
  expect(entry?.at.getTime()).toBeGreaterThanOrEqual(freed.getTime());
});

async function isWaiting(): Promise<boolean> {
  const [threads] = await testDatabase.connection.query<RowDataPacket[]>('SHOW PROCESSLIST');
  return threads.some(({ Info }) => /from `audit_head` .*for update$/i.test(Info ?? ''));
}

async function databaseTime(): Promise<Date> {
  const [[row]] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT UTC_TIMESTAMP(3) AS now',
  );
  return row?.['now'];
}
