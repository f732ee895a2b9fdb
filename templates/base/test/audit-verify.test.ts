// What somebody who has taken over the database can do to the audit log, and that it is found.
import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { AuditError } from '#app/platform/audit/append.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { emptyHead, hashOf } from '#app/platform/audit/chain.ts';
import { verifyLog } from '#app/platform/audit/verify.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing as sealing } from './support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 2 },
    sealing,
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  await run('TRUNCATE TABLE audit_log');
  await run('TRUNCATE TABLE audit_head');
  for (let n = 1; n <= 5; n += 1) await record(n);
});

const run = (...statement: [sql: string, values?: unknown[]]) =>
  testDatabase.connection.query<RowDataPacket[]>(...statement);

const record = (n: number) =>
  database.transaction((tx) =>
    recordAct(tx, { actor: `user:${n}`, action: 'user.renamed', subject: 'user:1', detail: { n } }),
  );

const verify = (options?: Parameters<typeof verifyLog>[1]) =>
  verifyLog({ database, sealing }, options);

test('a log that nobody has touched is in order, also an empty one', async () => {
  expect(await verify()).toMatchObject({
    entries: 5,
    head: { sequence: 5 },
    broken: undefined,
  });
  await run('TRUNCATE TABLE audit_log');
  await run('TRUNCATE TABLE audit_head');
  expect(await verify()).toEqual({ entries: 0, head: emptyHead, broken: undefined });
});

describe('A5: the first entry is named that is not as it was written', () => {
  test.for([
    ['at', "'2020-01-01'"],
    ['actor', "'user:9'"],
    ['operator', "'operator:eve'"],
    ['action', "'user.deleted'"],
    ['subject', 'NULL'],
    ['detail', '\'{"n": 3}\''],
    ['request_id', "'another'"],
    ['hash', 'RANDOM_BYTES(32)'],
  ])('where its %s was changed', async ([column = '', value = '']) => {
    const bytes = value === 'RANDOM_BYTES(32)' ? '?' : value;
    await run(`UPDATE audit_log SET ${column} = ${bytes} WHERE id = 3`, [randomBytes(32)]);
    expect(await verify()).toMatchObject({ entries: 2, broken: { id: 3, kind: 'changed' } });
  });

  test.for([
    ['where it was deleted', ['DELETE FROM audit_log WHERE id = 3'], 3, 'missing'],
    ['where the first was', ['DELETE FROM audit_log WHERE id = 1'], 1, 'missing'],
    ['where the last was', ['DELETE FROM audit_log WHERE id = 5'], 5, 'cut'],
    ['where all were', ['TRUNCATE TABLE audit_log'], 1, 'cut'],
    [
      'where the gap was closed',
      [
        'DELETE FROM audit_log WHERE id = 3',
        'UPDATE audit_log SET id = id - 1 WHERE id > 3 ORDER BY id',
        'UPDATE audit_head SET sequence = 4',
      ],
      3,
      'changed',
    ],
    [
      'where it was put in again as another',
      [
        'CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_log WHERE id = 3',
        'DELETE FROM audit_log WHERE id = 3',
        "UPDATE kept SET actor = 'user:9'",
        'INSERT INTO audit_log SELECT * FROM kept',
        'DROP TEMPORARY TABLE kept',
      ],
      3,
      'changed',
    ],
    [
      'where two changed places',
      [
        'UPDATE audit_log SET id = 9 WHERE id = 2',
        'UPDATE audit_log SET id = 2 WHERE id = 3',
        'UPDATE audit_log SET id = 3 WHERE id = 9',
      ],
      2,
      'changed',
    ],
    [
      'where it was put before the first',
      [
        "INSERT INTO audit_log (id, at, actor, action, hash) VALUES (0, UTC_TIMESTAMP(3), 'user:1', 'user.renamed', '')",
      ],
      0,
      'changed',
    ],
    ['where the head was put back', ['UPDATE audit_head SET sequence = 4'], 5, 'behind-head'],
    ['where the head is gone', ['DELETE FROM audit_head'], 1, 'behind-head'],
    ['where the head is another', ["UPDATE audit_head SET hash = ''"], 5, 'head'],
    ['where the head is too far', ['UPDATE audit_head SET sequence = 7'], 6, 'cut'],
  ] as const)('%s', async ([, statements, id, kind]) => {
    for (const statement of statements) await run(statement);
    expect((await verify()).broken).toEqual({
      id,
      kind,
      reason: expect.stringMatching(new RegExp(`\\b${id}\\b`)),
    });
  });

  test('where it was forged without the key', async () => {
    const forger = await openSealing({
      settings: {
        NODE_ENV: 'test',
        KEYRING_SECRET: randomBytes(32).toString('base64url'),
        SEALING_KEY_FILE: '',
      },
      log: pino({ level: 'silent' }),
    });
    const { head } = await verify();
    const link = {
      id: 6,
      at: new Date(),
      actor: 'user:1',
      operator: null,
      action: 'user.renamed',
      subject: null,
      detail: null,
      requestId: null,
    };
    const hash = hashOf(forger, head.hash, link);
    await run('INSERT INTO audit_log (id, at, actor, action, hash) VALUES (6, ?, ?, ?, ?)', [
      link.at,
      link.actor,
      link.action,
      hash,
    ]);
    await run('UPDATE audit_head SET sequence = 6, hash = ?', [hash]);
    expect(await verify()).toMatchObject({ entries: 5, broken: { id: 6, kind: 'changed' } });
  });
});

test('A5: a tail that was cut off, and the head put back with it, shows beside a head that was kept', async () => {
  const { head: kept } = await verify();
  await run('DELETE FROM audit_log WHERE id > 3');
  await run('UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit_log WHERE id = 3)');
  expect(await verify()).toMatchObject({ entries: 3, broken: undefined });
  expect(await verify({ kept })).toMatchObject({ broken: { id: 4, kind: 'cut' } });

  for (let n = 4; n <= 6; n += 1) await record(n);
  expect(await verify()).toMatchObject({ entries: 6, broken: undefined });
  expect(await verify({ kept })).toMatchObject({ broken: { id: 5, kind: 'other-head' } });
});

test('beside a head that was kept, a log that has grown since is in order', async () => {
  const { head: kept } = await verify();
  await record(6);
  expect(await verify({ kept })).toMatchObject({ entries: 6, broken: undefined });
});

test('a head that was put back keeps the service from writing over what is there, and says so', async () => {
  await run('UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit_log WHERE id = 3)');
  const refused: unknown = await record(6).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AuditError);
  expect(await verify()).toMatchObject({ broken: { id: 4, kind: 'behind-head' } });
});

test('it can be checked while the service goes on', async () => {
  const writing = Promise.all(Array.from({ length: 20 }, (_, n) => record(n)));
  for (let n = 0; n < 5; n += 1) expect(await verify()).toMatchObject({ broken: undefined });
  await writing;
  expect(await verify()).toMatchObject({ entries: 25, broken: undefined });
});

test('a log of several batches is read to its end', async () => {
  await database.transaction((tx) => {
    for (let n = 0; n < 2500; n += 1) recordAct(tx, { actor: 'system', action: 'keys.staged' });
  });
  const seen: number[] = [];
  const verified = await verify({ onProgress: (entries) => void seen.push(entries) });
  expect(verified).toMatchObject({ entries: 2505, broken: undefined });
  expect(seen).toEqual([1000, 2000, 2505]);
});
