import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { databaseStore } from '#app/domains/auth/keys/database-store.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { newKey, newRing } from '#app/domains/auth/keys/ring.ts';
import type { KeyStore } from '#app/domains/auth/keys/store.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { testSealing } from './support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;
let path = '';

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 };
  database = await openDatabase({ settings, sealing: testSealing });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  path = join(await temporaryFolder(), 'jwt-keys.json');
  await testDatabase.connection.query('DELETE FROM jwt_keyring');
});

function newSealing(): Promise<Sealing> {
  return openSealing({
    settings: {
      NODE_ENV: 'test',
      KEYRING_SECRET: randomBytes(32).toString('base64url'),
      SEALING_KEY_FILE: '',
    },
    log: pino({ level: 'silent' }),
  });
}

const stores = {
  file: async (): Promise<KeyStore> => fileStore(path),
  database: async () => databaseStore({ database, sealing: await newSealing() }),
};
const now = new Date();
const ring = newRing(now);
const nothing = async (): Promise<void> => {};
const fail = async (): Promise<never> => {
  throw new Error('no audit log');
};

describe.each(['file', 'database'] as const)('in the %s', (kind) => {
  let store: KeyStore;

  beforeEach(async () => {
    store = await stores[kind]();
    await store.create(ring);
  });

  test('what is stored is what is read', async () => {
    const { revision } = await store.read();
    const full = {
      next: newKey(now),
      primary: newKey(now),
      fallback: { ...newKey(now), retireAt: now },
      sessionsToEnd: ring.primary.kid,
    };
    expect(await store.replace(revision, full, nothing)).toBe(true);
    expect((await store.read()).ring).toEqual(full);
  });

  test('a ring that is there is not made anew', async () => {
    expect(await store.create(newRing(now))).toBe(false);
    expect((await store.read()).ring).toEqual(ring);
  });

  test('of twenty who replace the same ring at once, one does', async () => {
    const { revision } = await store.read();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => store.replace(revision, newRing(now), nothing)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  test('a ring is not replaced where that could not be recorded', async () => {
    const { revision } = await store.read();
    await expect(store.replace(revision, newRing(now), fail)).rejects.toThrow('no audit log');
    expect((await store.read()).ring).toEqual(ring);
  });
});

test.skipIf(process.platform === 'win32')(
  'a file that is replaced keeps its place, mode and owner, and leaves nothing beside it',
  async () => {
    const store = fileStore(path);
    await store.create(ring);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o400);
    const link = join(await temporaryFolder(), 'link.json');
    await symlink(path, link);
    const before = await stat(path);

    const linked = fileStore(link);
    await linked.replace((await linked.read()).revision, newRing(now), nothing);

    const { mode, uid, gid, ino } = await stat(path);
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
    expect(ino).not.toBe(before.ino);
    expect((await store.read()).ring).not.toEqual(ring);
    expect((await stat(`${path}.lock`)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['jwt-keys.json', 'jwt-keys.json.lock']);
    expect(await readdir(join(link, '..'))).toEqual(['link.json']);
  },
);

test.skipIf(process.platform === 'win32')('a file that others can read is refused', async () => {
  const store = fileStore(path);
  await store.create(ring);
  await chmod(path, 0o644);
  await expect(store.read()).rejects.toThrow('chmod 600');
});

test.skipIf(process.platform === 'win32')(
  'a lock that others could hold is made private',
  async () => {
    const store = fileStore(path);
    await store.create(ring);
    await writeFile(`${path}.lock`, '', { mode: 0o644 });
    const { revision } = await store.read();
    await store.replace(revision, newRing(now), nothing);
    expect((await stat(`${path}.lock`)).mode & 0o777).toBe(0o600);
  },
);

test('who was killed with the lock in hand does not keep it', async () => {
  const store = fileStore(path);
  await store.create(ring);
  const { revision } = await store.read();
  const script = `
    import { withFileLock } from ${at('../src/domains/auth/keys/file-lock.ts')};
    await withFileLock(process.argv[1], async () => {
      console.log('locked');
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    });`;
  const args = ['--input-type=module', '--eval', script, `${path}.lock`];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');

  const next = newRing(now);
  const replaced = store.replace(revision, next, nothing);
  expect((await store.read()).ring).toEqual(ring);
  holder.kill('SIGKILL');
  expect(await replaced).toBe(true);
  expect((await store.read()).ring).toEqual(next);
});

/** The address of a module, in the text of a script. */
function at(file: string): string {
  return JSON.stringify(new URL(file, import.meta.url).href);
}

test('what is left of a write that was killed goes with the next one, and the ring is whole', async () => {
  const store = fileStore(path);
  await store.create(ring);
  const others = ['jwt-keys.json.backup.new', 'jwt-keys.json.0123456789ab', 'a.0123456789ab.new'];
  for (const name of others) await writeFile(join(path, '..', name), '');
  const script = `
    import { promises } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    promises.rename = async () => process.kill(process.pid, 'SIGKILL');
    syncBuiltinESMExports();
    const { fileStore } = await import(${at('../src/domains/auth/keys/file-store.ts')});
    const { newRing } = await import(${at('../src/domains/auth/keys/ring.ts')});
    const store = fileStore(process.argv[1]);
    await store.replace((await store.read()).revision, newRing(new Date()), async () => {});`;
  const args = ['--input-type=module', '--eval', script, path];
  const killed = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL']);
  const drafts = async () =>
    (await readdir(join(path, '..'))).filter((name) => /json\.[\da-f]{12}\.new$/.test(name));
  expect(await drafts()).toHaveLength(1);

  const found = await store.read();
  expect(found.ring).toEqual(ring);
  expect(await store.replace(found.revision, newRing(now), nothing)).toBe(true);
  expect(await drafts()).toEqual([]);
  expect(await readdir(join(path, '..'))).toEqual(expect.arrayContaining(others));
});

test('the database does not tell the keys, and another KEYRING_SECRET does not open them', async () => {
  const store = databaseStore({ database, sealing: await newSealing() });
  await store.create(ring);
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>('SELECT * FROM jwt_keyring');
  const stored = Buffer.concat(rows.map(({ sealed }) => sealed));
  expect(stored.indexOf(ring.primary.secret)).toBe(-1);
  expect(stored.indexOf(ring.primary.secret.toString('base64url'))).toBe(-1);

  const other = databaseStore({ database, sealing: await newSealing() });
  await expect(other.read()).rejects.toThrow('KEYRING_SECRET');
});

test('a missing ring is an error that says how to make one', async () => {
  for (const kind of ['file', 'database'] as const) {
    const store = await stores[kind]();
    await expect(store.read()).rejects.toThrow('npm run keys -- init');
  }
  await expect(readFile(path)).rejects.toThrow('ENOENT');
});
