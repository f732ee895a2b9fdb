import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { claimNext, markSent, maxAttempts } from '#app/platform/outbox/claims.ts';
import {
  defineDelivery,
  DeliveryError,
  type Attempt,
  type Delivery,
} from '#app/platform/outbox/delivery.ts';
import { enqueue } from '#app/platform/outbox/enqueue.ts';
import { discardLetter, replayLetter } from '#app/platform/outbox/letters.ts';
import { openOutbox } from '#app/platform/outbox/outbox.ts';
import { prune } from '#app/platform/outbox/prune.ts';
import { deliverNext, type WorkerDeps } from '#app/platform/outbox/worker.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing } from './support/sealing.ts';
import { testSettings } from './support/service.ts';

let testDatabase: TestDatabase;
let database: Database;
let sealing: Sealing;
let lines: Record<string, unknown>[] = [];

const log = createLog(
  { LOG_LEVEL: 'info' },
  { write: (line: string) => void lines.push(JSON.parse(line)) },
);
const running = new AbortController().signal;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 },
    sealing: testSealing,
  });
  sealing = await openSealing({
    settings: {
      KEYRING_SECRET: randomBytes(32).toString('base64url'),
      SEALING_KEY_FILE: '',
      NODE_ENV: 'test',
    },
    log,
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  await testDatabase.connection.query('DELETE FROM outbox');
  lines = [];
});

const note = (deliver: (text: string, attempt: Attempt) => Promise<void>) =>
  defineDelivery({
    kind: 'note',
    payload: z.strictObject({ text: z.string() }),
    deliver: ({ text }, attempt) => deliver(text, attempt),
  });
const ignore = note(async () => {});

const depsWith = (...deliveries: Delivery<unknown>[]): WorkerDeps => ({
  settings: testSettings(testDatabase),
  database,
  sealing,
  log,
  deliveries,
  mailer: { send: () => Promise.reject(new Error('No mails here')), close: async () => {} },
});

/** An outbox that looks by itself only at its start. */
const openAlone = (delivery: Delivery<unknown>) =>
  openOutbox(depsWith(), { deliveries: [delivery], pause: 3_600_000 });

/** Writes a row for which no worker is woken. */
const write = (text = 'hello', kind = 'note'): Promise<string> =>
  database.transaction((tx) => enqueue(sealing, tx, { ...ignore, kind }, { text }));

async function rows(): Promise<RowDataPacket[]> {
  const [found] = await testDatabase.connection.query<RowDataPacket[]>(
    `SELECT *, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), available_at) / 1e6 AS due
     FROM outbox ORDER BY id`,
  );
  return found;
}

async function deliverAll(deps: WorkerDeps): Promise<void> {
  let found = true;
  while (found) found = await deliverNext(deps, running);
}

const makeDue = () =>
  testDatabase.connection.query(
    'UPDATE outbox SET available_at = UTC_TIMESTAMP(3) WHERE available_at IS NOT NULL',
  );

test('what was enqueued is delivered once, at once when it is committed, and not kept', async () => {
  const texts: string[] = [];
  const delivered = Promise.withResolvers<Attempt>();
  const delivery = note(async (text, attempt) => {
    texts.push(text);
    delivered.resolve(attempt);
  });
  const outbox = await openAlone(delivery);
  const key = await database.transaction(async (tx) => {
    const id = await outbox.enqueue(tx, delivery, { text: 'hello' });
    // Whoever looks before the commit finds nothing.
    for (let look = 0; look < 5; look += 1) {
      expect(await deliverNext(depsWith(delivery), running)).toBe(false);
    }
    return id;
  });

  expect((await delivered.promise).key).toBe(key);
  await outbox.close();
  expect(texts).toEqual(['hello']);
  expect(await rows()).toMatchObject([
    {
      id: key,
      state: 'sent',
      attempts: 1,
      available_at: null,
      lease_token: null,
      payload: Buffer.alloc(0),
    },
  ]);
  expect(await deliverNext(depsWith(delivery), running)).toBe(false);
});

test('a transaction that is rolled back delivers nothing', async () => {
  const outbox = await openAlone(ignore);
  const undone = database.transaction(async (tx) => {
    await outbox.enqueue(tx, ignore, { text: 'hello' });
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  await outbox.close();
  expect(await rows()).toEqual([]);
});

test('rows that waited while nothing ran are delivered at the start', async () => {
  await write();
  const delivered = Promise.withResolvers<string>();
  const outbox = await openAlone(note(async (text) => delivered.resolve(text)));
  expect(await delivered.promise).toBe('hello');
  await outbox.close();
});

test('a payload that does not fit its kind is refused where it is written', async () => {
  const writing = database.transaction((tx) =>
    enqueue(sealing, tx, ignore, { text: 1 } as unknown as { text: string }),
  );
  await expect(writing).rejects.toThrow('expected string');
});

test('nobody can read a payload in the database, nor move it to another row', async () => {
  const link = await write('a link that signs in');
  const [row] = await rows();
  expect(row?.['payload'].toString('latin1')).not.toContain('link');

  const other = await write('another');
  const move = 'UPDATE outbox SET payload = ? WHERE id = ?';
  await testDatabase.connection.query(move, [row?.['payload'], other]);
  const texts: string[] = [];
  const delivery = note(async (text) => void texts.push(text));
  await deliverAll(depsWith(delivery));
  expect(texts).toEqual(['a link that signs in']);
  const states = new Map((await rows()).map(({ id, state }) => [id, state]));
  expect([states.get(link), states.get(other)]).toEqual(['sent', 'failed']);
});

test('a delivery that fails comes again, later each time, and is given up in the end', async () => {
  await write();
  const failing = depsWith(note(() => Promise.reject(new DeliveryError('Nobody is there'))));
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    await makeDue();
    expect(await deliverNext(failing, running)).toBe(true);
    const [row] = await rows();
    expect(row).toMatchObject({
      state: 'failed',
      attempts: attempt,
      last_error: 'Nobody is there',
      lease_token: null,
    });
    const pause = Math.min(3600, 10 * 4 ** (attempt - 1));
    expect(row?.['due']).toBeGreaterThan(pause * 0.8 - 5);
    expect(row?.['due']).toBeLessThanOrEqual(pause * 1.2 + 1);
    expect(await deliverNext(failing, running)).toBe(false);
  }
  await makeDue();
  await deliverNext(failing, running);
  expect(await rows()).toMatchObject([{ state: 'dead', attempts: 8, available_at: null }]);
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    { msg: 'a delivery was given up', reason: 'Nobody is there' },
  ]);
});

test('a delivery that cannot succeed is given up at once', async () => {
  await write();
  const error = new DeliveryError('There is no such address', { permanent: true });
  await deliverNext(depsWith(note(() => Promise.reject(error))), running);
  expect(await rows()).toMatchObject([{ state: 'dead', attempts: 1, available_at: null }]);
});

test('an error of any other kind is kept and logged without its message', async () => {
  await write('hunter2');
  await deliverNext(
    depsWith(note((text) => Promise.reject(new TypeError(`cannot send ${text}`)))),
    running,
  );
  expect(await rows()).toMatchObject([{ state: 'failed', last_error: 'TypeError' }]);
  expect(JSON.stringify(lines)).toContain('outbox.test.ts');
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});

test('a kind that this version does not know waits for one that does', async () => {
  await write('hello', 'unheard of');
  await deliverNext(depsWith(ignore), running);
  expect(await rows()).toMatchObject([{ state: 'failed', attempts: 1 }]);
  await makeDue();
  await deliverNext(depsWith({ ...ignore, kind: 'unheard of' }), running);
  expect(await rows()).toMatchObject([{ state: 'sent' }]);
});

test('while it is delivered it is leased; another takes it over only when that is over', async () => {
  await write();
  const lost = await claimNext(database);
  expect(await claimNext(database)).toBeUndefined();
  const [row] = await rows();
  expect(row?.['state']).toBe('sending');
  expect(row?.['due']).toBeGreaterThan(45);

  await makeDue();
  const found = await claimNext(database);
  expect(found).toMatchObject({ id: lost?.id, attempt: 2 });
  if (lost === undefined || found === undefined) throw new Error('Nothing was claimed');
  expect(await markSent(database, lost)).toBe(false);
  expect(await rows()).toMatchObject([{ state: 'sending', lease_token: found.leaseToken }]);
  expect(await markSent(database, found)).toBe(true);
});

test('a delivery that ends the process dies out: its attempts count from their beginning', async () => {
  await write();
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    expect(await claimNext(database)).toMatchObject({ attempt });
    await makeDue();
  }
  const delivered: string[] = [];
  const delivery = note(async (text) => void delivered.push(text));
  expect(await deliverNext(depsWith(delivery), running)).toBe(true);
  expect(delivered).toEqual([]);
  expect(await rows()).toMatchObject([{ state: 'dead', attempts: 8, available_at: null }]);
  expect(await deliverNext(depsWith(delivery), running)).toBe(false);
});

test('twenty workers deliver twenty rows once each', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
  for (const text of texts) await write(text);
  const delivered: string[] = [];
  const deps = depsWith(note(async (text) => void delivered.push(text)));
  await Promise.all(Array.from({ length: 20 }, () => deliverAll(deps)));
  expect(delivered.toSorted()).toEqual(texts.toSorted());
});

test('a row that somebody else holds does not keep the others waiting', async () => {
  const first = await write('first');
  await write('second');
  const delivered: string[] = [];
  await database.transaction(async (tx) => {
    await tx.execute(`SELECT id FROM outbox WHERE id = '${first}' FOR UPDATE`);
    await deliverNext(depsWith(note(async (text) => void delivered.push(text))), running);
  });
  expect(delivered).toEqual(['second']);
});

test('an attempt that hangs is over when the service has to stop, and counts', async () => {
  await write();
  const stopping = new AbortController();
  let told = false;
  const hanging = note((_text, { signal }) => {
    stopping.abort();
    told = signal.aborted;
    return new Promise(() => undefined);
  });
  await deliverNext(depsWith(hanging), stopping.signal);
  expect(told).toBe(true);
  expect(await rows()).toMatchObject([{ state: 'failed', attempts: 1 }]);
});

test('what was given up is replayed once, and then delivered as if it were new', async () => {
  const id = await write();
  const error = new DeliveryError('There is no such address', { permanent: true });
  await deliverNext(depsWith(note(() => Promise.reject(error))), running);

  const replays = Array.from({ length: 5 }, () => replayLetter(database, id, 'operator:ann'));
  expect((await Promise.all(replays)).toSorted()).toEqual(
    ['done', ...Array.from({ length: 4 }, () => 'pending')].toSorted(),
  );
  const texts: string[] = [];
  await deliverAll(depsWith(note(async (text) => void texts.push(text))));
  expect(texts).toEqual(['hello']);
  expect(await rows()).toMatchObject([{ state: 'sent', attempts: 1, last_error: null }]);
  expect(await replayLetter(database, id, 'operator:ann')).toBe('sent');
});

test('what is being delivered can be neither replayed nor discarded', async () => {
  const id = await write();
  await claimNext(database);
  expect(await replayLetter(database, id, 'operator:ann')).toBe('sending');
  expect(await discardLetter(database, id, 'operator:ann')).toBe('sending');
  expect(await rows()).toHaveLength(1);
});

test('what was delivered a week ago is removed, and what was given up is not', async () => {
  const ids = [await write(), await write(), await write()];
  const change = 'UPDATE outbox SET state = ?, available_at = NULL, sent_at = ? WHERE id = ?';
  const day = 86_400_000;
  const sentAt = [new Date(Date.now() - 8 * day), new Date(Date.now() - 6 * day), null];
  for (const [index, id] of ids.entries()) {
    const at = sentAt[index] ?? null;
    await testDatabase.connection.query(change, [at === null ? 'dead' : 'sent', at, id]);
  }
  await prune(database);
  expect((await rows()).map(({ id }) => id)).toEqual(ids.slice(1).toSorted());
});
