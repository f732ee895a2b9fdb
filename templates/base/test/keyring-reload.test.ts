// What a process that runs does when the stored ring is replaced, or damaged.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { openKeyring, type Keyring } from '#app/domains/auth/keyring.ts';
import { databaseStore } from '#app/domains/auth/keys/database-store.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { newKey, newRing, type Ring } from '#app/domains/auth/keys/ring.ts';
import type { KeyStore } from '#app/domains/auth/keys/store.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { testSealing } from './support/sealing.ts';

const log = pino({ level: 'silent' });
const hours = 3_600_000;

let testDatabase: TestDatabase;
let database: Database;
let sealing: Sealing;
let path = '';
let keyring: Keyring | undefined;

const secret = randomBytes(32).toString('base64url');

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 };
  database = await openDatabase({ settings, sealing: testSealing, silence: hours });
  const keys = { NODE_ENV: 'test', KEYRING_SECRET: secret, SEALING_KEY_FILE: '' };
  sealing = await openSealing({ settings: keys, log });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  path = join(await temporaryFolder(), 'jwt-keys.json');
});
afterEach(async () => {
  await keyring?.close();
  keyring = undefined;
});

/** @param pause milliseconds between two looks: an hour where the test wants none but the first */
async function open(JWT_KEYS_STORE: 'file' | 'database', pause = hours, NODE_ENV = 'production') {
  const settings = {
    NODE_ENV,
    JWT_KEYS_STORE,
    JWT_KEYS_FILE: path,
    KEYRING_SECRET: secret,
    INSTANCE_ID: 'web-1',
  };
  keyring = await openKeyring({ settings, log, database, sealing, pause });
  return keyring;
}

async function replace(store: KeyStore, ring: Ring): Promise<void> {
  await store.replace((await store.read()).revision, ring, async () => {});
}

async function heartbeats(): Promise<RowDataPacket[]> {
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>('SELECT * FROM instances');
  return rows;
}

test.for(['file', 'database'] as const)(
  'a ring that is replaced in the %s is taken over without a signal, and the heartbeat tells it',
  async (kind) => {
    const store = kind === 'file' ? fileStore(path) : databaseStore({ database, sealing });
    const ring = newRing(new Date());
    await store.create(ring);
    const opened = await open(kind, 10);
    expect(await heartbeats()).toMatchObject([
      { accept_kids: ring.primary.kid, sign_kid: ring.primary.kid },
    ]);

    const next = newKey(new Date());
    await replace(store, { ...ring, next });
    await expect.poll(() => opened.byKid(next.kid)).toBeDefined();
    expect(opened.primary.kid).toBe(ring.primary.kid);
    await expect
      .poll(async () => (await heartbeats())[0]?.['accept_kids'])
      .toBe(`${ring.primary.kid},${next.kid}`);
  },
);

test('a ring that is replaced while a process starts is taken over before that serves', async () => {
  const store = fileStore(path);
  const ring = newRing(new Date());
  await store.create(ring);
  // The process has read the ring, and cannot tell that it is there.
  await testDatabase.connection.query('LOCK TABLES instances WRITE');
  const opening = open('file');
  await expect.poll(waitsToBeHeard).toBe(true);

  const next = newKey(new Date());
  await replace(store, { ...ring, next });
  await testDatabase.connection.query('UNLOCK TABLES');
  const opened = await opening;

  expect(opened.byKid(next.kid)).toBeDefined();
});

test('a heartbeat that is not taken does not keep the ring from being looked at', async () => {
  const store = fileStore(path);
  const ring = newRing(new Date());
  await store.create(ring);
  const opened = await open('file', 10);
  await testDatabase.connection.query('LOCK TABLES instances WRITE');
  await expect.poll(waitsToBeHeard).toBe(true);

  const next = newKey(new Date());
  await replace(store, { ...ring, next });
  await expect.poll(() => opened.byKid(next.kid), { timeout: 10_000 }).toBeDefined();
  await testDatabase.connection.query('UNLOCK TABLES');
});

async function waitsToBeHeard(): Promise<boolean> {
  const [threads] = await database.pool.query<RowDataPacket[]>('SHOW PROCESSLIST');
  return threads.some(({ Info }) => /^insert into `instances`/i.test(Info ?? ''));
}

test.skipIf(process.platform === 'win32')('SIGHUP has it looked at at once', async () => {
  const store = fileStore(path);
  await store.create(newRing(new Date()));
  const opened = await open('file');
  const other = newRing(new Date());
  await replace(store, other);
  process.kill(process.pid, 'SIGHUP');
  await expect.poll(() => opened.primary.kid).toBe(other.primary.kid);
});

test('J5: a ring that was damaged is not taken over, and the one before stays in use', async () => {
  const store = fileStore(path);
  const ring = newRing(new Date());
  await store.create(ring);
  const opened = await open('file', 10);
  const whole = await readFile(path, 'utf8');

  for (const damage of [
    '',
    '{}',
    whole.slice(0, -20),
    whole.replace(/"secret": ".{20}/, '"secret": "'),
  ]) {
    await writeFile(path, damage);
    await expect.poll(() => opened.problem).toMatch(/cannot be used/);
    expect(opened.primary.kid).toBe(ring.primary.kid);
    expect(opened.byKid(ring.primary.kid)).toBeDefined();
    await writeFile(path, whole);
    await expect.poll(() => opened.problem).toBeUndefined();
  }
});

test('a key whose time is over is refused, though the stored ring still has it', async () => {
  const old = newKey(new Date());
  const ring = newRing(new Date());
  await fileStore(path).create({
    ...ring,
    fallback: { ...old, retireAt: new Date(Date.now() + 500) },
  });
  const opened = await open('file');
  expect(opened.byKid(old.kid)).toBeDefined();
  await expect.poll(() => opened.byKid(old.kid)).toBeUndefined();
  expect(opened.byKid(ring.primary.kid)).toBeDefined();
});

test('an instance is on the list as long as it runs, under its own name', async () => {
  await fileStore(path).create(newRing(new Date()));
  const opened = await open('file');
  expect(await heartbeats()).toMatchObject([{ id: expect.stringMatching(/^web-1#\d+-\w+$/) }]);
  await opened.close();
  expect(await heartbeats()).toEqual([]);
});

test('a missing ring is made in development, and an error elsewhere', async () => {
  await expect(open('file')).rejects.toThrow('npm run keys -- init');
  await expect(open('file', hours, 'development')).resolves.toBeDefined();
});
