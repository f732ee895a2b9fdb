// A database that falls silent: the connections that there are stay open, and nothing comes on them
// any more; new ones work. A failover does that, or a firewall that forgets what it let through.
import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { isDatabaseUnavailable } from '#app/database/errors.ts';
import { openKeyring, type Keyring } from '#app/domains/auth/keyring.ts';
import { databaseStore } from '#app/domains/auth/keys/database-store.ts';
import { newKey, newRing } from '#app/domains/auth/keys/ring.ts';
import { openRevocations } from '#app/domains/auth/sessions/revocations.ts';
import { openOutbox } from '#app/platform/outbox/outbox.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import { addSession } from './support/add-session.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openProxy, type Proxy } from './support/proxy.ts';
import { testSettings } from './support/service.ts';

const log = pino({ level: 'silent' });
const secret = randomBytes(32).toString('base64url');
/** Milliseconds, well above what any statement here takes. */
const silence = 500;

let testDatabase: TestDatabase;
let sealing: Sealing;
let proxy: Proxy;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { NODE_ENV: 'test', KEYRING_SECRET: secret, SEALING_KEY_FILE: '' };
  sealing = await openSealing({ settings, log });
  await databaseStore({ database: await connect(testDatabase.url), sealing }).create(
    newRing(new Date()),
  );
  await database.close();
});
afterAll(() => testDatabase.drop());

beforeEach(async () => {
  proxy = await openProxy(new URL(testDatabase.url));
  await connect(proxy.url);
});
afterEach(async () => {
  vi.useRealTimers();
  await database.close();
  await proxy.close();
});

async function connect(url: string): Promise<Database> {
  database = await openDatabase({
    settings: { DATABASE_URL: url, DATABASE_POOL_SIZE: 1 },
    sealing,
    silence,
  });
  return database;
}

function openStoredKeyring(pause: number): Promise<Keyring> {
  const settings = {
    NODE_ENV: 'production',
    JWT_KEYS_STORE: 'database' as const,
    JWT_KEYS_FILE: '',
    KEYRING_SECRET: secret,
    INSTANCE_ID: 'web-1',
  };
  return openKeyring({ settings, log, database, sealing, pause });
}

test('a statement on it fails, as without the database, and the next one has a new connection', async () => {
  await database.pool.query('SELECT 1');
  proxy.freeze();
  const error = await database.pool.query('SELECT 1').catch((thrown: unknown) => thrown);
  expect(isDatabaseUnavailable(error)).toBe(true);
  await expect(database.pool.query('SELECT 1')).resolves.toBeDefined();
});

test('a transaction on it is run again, whole', async () => {
  let runs = 0;
  await database.transaction(async (tx) => {
    runs += 1;
    if (runs === 1) proxy.freeze();
    await tx.execute(sql`SELECT 1`);
  });
  expect(runs).toBe(2);
});

test('what ended elsewhere meanwhile is known as soon as the connection is given up', async () => {
  const revocations = await openRevocations({ database, log });
  const id = await addSession(testDatabase.connection);
  proxy.freeze();
  await testDatabase.connection.query('UPDATE sessions SET revoked_at = UTC_TIMESTAMP(3)');
  expect(revocations.has(id)).toBe(false);
  await vi.waitFor(() => expect(revocations.has(id)).toBe(true), 10_000);
  await revocations.close();
});

test('for as long as it is not known what ended elsewhere, that is a problem', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const revocations = await openRevocations({ database, log });
  expect(revocations.problem).toBeUndefined();
  proxy.freeze();
  vi.advanceTimersByTime(5000);
  expect(revocations.problem).toMatch(/cannot be read/);
  await vi.waitFor(() => expect(revocations.problem).toBeUndefined(), 10_000);
  await revocations.close();
});

test('an instance that cannot read the stored keyring is heard all the same', async () => {
  await database.close();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 };
  database = await openDatabase({ settings, sealing, silence: 3_600_000 });
  const keyring = await openStoredKeyring(10);
  await testDatabase.connection.query('LOCK TABLES jwt_keyring WRITE');
  await expect.poll(waitsForKeyring, { timeout: 10_000 }).toBe(true);
  const asked = await databaseTime();
  await expect.poll(heardAt, { timeout: 10_000 }).toSatisfy((at: Date) => at > asked);
  await testDatabase.connection.query('UNLOCK TABLES');
  await keyring.close();
});

test('a stored keyring is taken over once the connection is given up', async () => {
  const keyring = await openStoredKeyring(10);
  proxy.freeze();
  const elsewhere = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 1 },
    sealing,
  });
  const store = databaseStore({ database: elsewhere, sealing });
  const { ring, revision } = await store.read();
  const next = newKey(new Date());
  await store.replace(revision, { ...ring, next }, async () => {});
  await elsewhere.close();
  await expect.poll(() => keyring.byKid(next.kid), { timeout: 10_000 }).toBeDefined();
  await keyring.close();
});

test('what runs in the background can be closed', async () => {
  const settings = testSettings(testDatabase);
  const mailer = { send: async () => {}, close: async () => {} };
  const parts = [
    await openOutbox({ settings, database, sealing, mailer, log }, { pause: 10 }),
    await openStoredKeyring(10),
    await openRevocations({ database, log }),
  ];
  proxy.freeze();
  const closed = parts.map((part) => part.close());
  await expect(Promise.all(closed)).resolves.toBeDefined();
  await expect(database.close()).resolves.toBeUndefined();
  await connect(proxy.url);
});

async function waitsForKeyring(): Promise<boolean> {
  const [threads] = await database.pool.query<RowDataPacket[]>('SHOW PROCESSLIST');
  return threads.some(({ Info }) => /^select .* from `jwt_keyring`/i.test(Info ?? ''));
}

async function databaseTime(): Promise<Date> {
  const [[row]] = await database.pool.query<RowDataPacket[]>('SELECT UTC_TIMESTAMP(3) AS now');
  return row?.['now'];
}

async function heardAt(): Promise<Date> {
  const [[row]] = await database.pool.query<RowDataPacket[]>('SELECT seen_at FROM instances');
  return row?.['seen_at'];
}
