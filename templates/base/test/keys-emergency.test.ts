// npm run keys, where something is missing: the database, an instance, a whole keyring.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { acceptedKids, newKey, newRing } from '#app/domains/auth/keys/ring.ts';
import { takeStep, untilDropped, type RotationDeps } from '#app/domains/auth/keys/rotation.ts';
import { databaseAway } from '../src/commands/run.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { runKeysCommand } from './support/keys-command.ts';
import { openProxy } from './support/proxy.ts';
import { sealingSecrets } from './support/sealing.ts';

const nowhere = 'mysql://app:secret@127.0.0.1:1/app';

let database: TestDatabase;
let path = '';

beforeAll(async () => {
  database = await createTestDatabase();
  await database.connection.query("INSERT INTO accounts (id, name) VALUES ('a', 'a')");
  await database.connection.query(
    "INSERT INTO users (id, account_id, email, password_hash) VALUES ('u', 'a', 'ada@example.com', '-')",
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  path = join(await temporaryFolder(), 'jwt-keys.json');
  await database.connection.query('DELETE FROM sessions');
  await database.connection.query(
    "INSERT INTO sessions (id, user_id, account_id, expires_at) VALUES ('s', 'u', 'a', '2100-01-01')",
  );
});

const stored = async () => (await fileStore(path).read()).ring;
const withDatabase = (...args: string[]) =>
  runKeysCommand(args, { JWT_KEYS_FILE: path, ...sealingSecrets, DATABASE_URL: database.url });
const withoutDatabase = (...args: string[]) =>
  runKeysCommand(args, { JWT_KEYS_FILE: path, ...sealingSecrets, DATABASE_URL: nowhere });

const initInDatabase = () =>
  runKeysCommand(['init'], {
    JWT_KEYS_FILE: path,
    ...sealingSecrets,
    DATABASE_URL: database.url,
    JWT_KEYS_STORE: 'database',
  });

async function openSessions(): Promise<number> {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    'SELECT id FROM sessions WHERE revoked_at IS NULL',
  );
  return rows.length;
}

describe('while the database is away', () => {
  const ring = newRing(new Date());

  beforeEach(async () => {
    await fileStore(path).create(ring);
  });

  test.for([['rotate'], ['rotate', '--compromised'], ['promote']])(
    'keys %s says in one sentence what to do, and changes nothing',
    async (args) => {
      const { code, told } = await withoutDatabase(...args);
      expect(code).toBe(3);
      expect(told).toMatch(
        /^The database cannot be reached \(ECONNREFUSED\)\..* --instances none$/,
      );
      expect(await stored()).toEqual(ring);
    },
  );

  test('a socket that is missing is told as a database that is away, and a file is not', async () => {
    const url = `mysql://app:secret@localhost/app?socketPath=${path}.sock`;
    const { code, told } = await runKeysCommand(['rotate'], {
      JWT_KEYS_FILE: path,
      ...sealingSecrets,
      DATABASE_URL: url,
    });
    expect([code, told]).toEqual([3, expect.stringContaining('cannot be reached (ENOENT)')]);
    const missing: unknown = await readFile(`${path}.no`).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(Error);
    expect(databaseAway(missing)).toBeUndefined();
  });

  test('status shows the keys, and that instances cannot be seen', async () => {
    expect(await withoutDatabase('status')).toMatchObject({
      code: 0,
      result: { instances: null, keys: { primary: { kid: ring.primary.kid } } },
      told: expect.stringMatching(
        `${ring.primary.kid}(.|\n)*Instances cannot be seen: The database`,
      ),
    });
  });

  test('an emergency replaces the key, and says that the sessions are still to end', async () => {
    const { code, result, told } = await withoutDatabase(
      'rotate',
      '--compromised',
      '--instances',
      'none',
    );
    const { primary } = await stored();
    expect(code).toBe(3);
    expect(primary.kid).not.toBe(ring.primary.kid);
    expect(result).toMatchObject({
      rotated: true,
      sessionsEnded: null,
      keys: { primary: { kid: primary.kid }, fallback: null, sessionsToEnd: true },
    });
    expect(told).toContain('The key is replaced; sessions are not ended yet.');
    expect((await withDatabase('status')).told).toContain('Sessions are still to end');
  });
});

test('run again, an emergency ends the sessions and keeps the key that it made', async () => {
  await fileStore(path).create(newRing(new Date()));
  await withoutDatabase('rotate', '--compromised', '--instances', 'none');
  const { primary } = await stored();
  expect(await openSessions()).toBe(1);

  expect(await withDatabase('rotate', '--compromised')).toMatchObject({
    code: 0,
    result: { rotated: false, sessionsEnded: 1, keys: { sessionsToEnd: false } },
    told: expect.stringContaining('Ended 1 session: everybody has to sign in again.'),
  });
  expect((await stored()).primary.kid).toBe(primary.kid);
  expect(await openSessions()).toBe(0);

  const another = await withDatabase('rotate', '--compromised');
  expect(another).toMatchObject({ code: 0, result: { rotated: true, sessionsEnded: 0 } });
  expect(another.told).toContain('There was no session to end.');
  expect((await stored()).primary.kid).not.toBe(primary.kid);
});

test('a mark that was left for more than an hour keeps no emergency from replacing the key', async () => {
  const marked = newRing(new Date(Date.now() - 2 * 3_600_000));
  await fileStore(path).create({ ...marked, sessionsToEnd: marked.primary.kid });
  expect(await withDatabase('rotate', '--compromised')).toMatchObject({
    code: 0,
    result: { rotated: true, sessionsEnded: 1, keys: { sessionsToEnd: false } },
  });
  expect((await stored()).primary.kid).not.toBe(marked.primary.kid);
});

test('an emergency ends though a rotation that was waiting has staged a key since', async () => {
  const store = fileStore(path);
  await store.create(newRing(new Date()));
  const deps: RotationDeps = {
    store,
    look: async () => ({ kind: 'nobody', now: new Date() }),
    record: async () => {},
    say: () => {},
    progress: { steps: [], pending: [] },
    tokenLifetime: 930,
    timeout: 0,
  };
  const outcome = await untilDropped([], {
    ...deps,
    async look() {
      await takeStep('stage', deps);
      const now = new Date();
      const { ring } = await store.read();
      const live = [{ id: 'a', accepts: acceptedKids(ring, now), signs: ring.primary.kid }];
      return { kind: 'seen', now, live, named: [] };
    },
    timeout: 60,
  });
  expect(outcome).toEqual({ ring: await stored(), changed: false });
});

describe('a database that lets nobody in, or has no tables', () => {
  let empty: TestDatabase;

  beforeAll(async () => {
    empty = await createEmptyDatabase();
  });
  afterAll(() => empty.drop());

  const urls = {
    ER_ACCESS_DENIED_ERROR: () => Object.assign(new URL(database.url), { password: 'wrong' }).href,
    ER_NO_SUCH_TABLE: () => empty.url,
  };

  test.for(['ER_ACCESS_DENIED_ERROR', 'ER_NO_SUCH_TABLE'] as const)(
    'keeps no key from being replaced where nobody runs: that it is not recorded is said (%s)',
    async (reason) => {
      const before = newRing(new Date());
      await fileStore(path).create(before);
      const keys = (...args: string[]) =>
        runKeysCommand([...args, '--instances', 'none'], {
          JWT_KEYS_FILE: path,
          ...sealingSecrets,
          DATABASE_URL: urls[reason](),
        });

      expect(await keys('rotate')).toMatchObject({
        code: 0,
        told: expect.stringMatching(`Not in the audit log: keys.promoted .*${reason}`),
      });
      const rotated = await stored();
      expect(rotated.primary.kid).not.toBe(before.primary.kid);

      expect(await keys('rotate', '--compromised')).toMatchObject({
        code: 3,
        result: { rotated: true, sessionsEnded: null },
        told: expect.stringMatching(
          `Not in the audit log: keys.compromised (.|\n)*sessions are not ended yet.*${reason}`,
        ),
      });
      expect((await stored()).primary.kid).not.toBe(rotated.primary.kid);
    },
  );
});

test('without the sealing key a rotation that must be recorded is refused, and an emergency goes on', async () => {
  const ring = newRing(new Date());
  await fileStore(path).create(ring);
  const keys = (...args: string[]) =>
    runKeysCommand(args, {
      JWT_KEYS_FILE: path,
      SEALING_KEY_FILE: `${path}.none`,
      DATABASE_URL: database.url,
    });
  expect(await keys('status')).toMatchObject({ code: 0 });
  await expect(keys('rotate')).rejects.toThrow(
    /^This takes the service's own sealing key\. There is no/,
  );
  expect(await stored()).toEqual(ring);

  const { told } = await keys('rotate', '--compromised');
  expect(told).toMatch(/Not in the audit log: keys\.compromised .* sealing key/);
  expect((await stored()).primary.kid).not.toBe(ring.primary.kid);
  expect(await openSessions()).toBe(0);
});

test('a database that is lost while a rotation waits takes nothing of what it has done from its answer', async () => {
  const ring = newRing(new Date());
  await fileStore(path).create(ring);
  await database.connection.query(
    'REPLACE INTO instances (id, accept_kids, sign_kid, seen_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    ['web-1#1', ring.primary.kid, ring.primary.kid],
  );
  const proxy = await openProxy(new URL(database.url));
  const ran = await runKeysCommand(
    ['rotate'],
    { JWT_KEYS_FILE: path, ...sealingSecrets, DATABASE_URL: proxy.url },
    (sentence) => {
      if (sentence.includes('do not accept')) void proxy.cut();
    },
  );
  await database.connection.query('DELETE FROM instances');

  expect(ran).toMatchObject({
    code: 3,
    result: {
      steps: ['stage'],
      rotated: false,
      pending: ['web-1#1'],
      keys: { next: { kid: (await stored()).next?.kid }, primary: { kid: ring.primary.kid } },
    },
    told: expect.stringMatching(/cannot be reached.* Run it again when the database is back/),
  });
});

test('a mark from before a later rotation keeps no emergency from replacing the key', async () => {
  const marked = newRing(new Date());
  const [primary, fallback] = [newKey(new Date()), { ...marked.primary, retireAt: null }];
  await fileStore(path).create({
    ...marked,
    primary,
    fallback,
    sessionsToEnd: marked.primary.kid,
  });
  expect(await withDatabase('rotate', '--compromised')).toMatchObject({
    code: 0,
    result: { rotated: true, sessionsEnded: 1 },
  });
  const after = await stored();
  expect(after.primary.kid).not.toBe(primary.kid);
  expect(after.sessionsToEnd).toBeNull();
});

test('a rotation keeps the mark of an emergency', async () => {
  const ring = newRing(new Date());
  await fileStore(path).create({ ...ring, sessionsToEnd: ring.primary.kid });
  expect(await withDatabase('rotate')).toMatchObject({ code: 0 });
  expect((await stored()).sessionsToEnd).toBe(ring.primary.kid);
});

test('status says who of the named was not heard from, with exit code 3', async () => {
  await fileStore(path).create(newRing(new Date()));
  for (const keys of [withDatabase, withoutDatabase]) {
    expect(await keys('status', '--instances', 'web-9')).toMatchObject({
      code: 3,
      result: { missing: ['web-9'], pending: ['web-9'] },
      told: expect.stringMatching(/primary(.|\n)*web-9 {2}was not heard from/),
    });
  }
});

describe('a keyring for the database', () => {
  beforeEach(async () => {
    await database.connection.query('DELETE FROM jwt_keyring');
  });

  test('is not made anew where the file is damaged: everybody would be signed out', async () => {
    await fileStore(path).create(newRing(new Date()));
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 50));
    await expect(initInDatabase()).rejects.toThrow(`The keyring ${path} is not JSON`);
    const [rows] = await database.connection.query<RowDataPacket[]>('SELECT * FROM jwt_keyring');
    expect(rows).toEqual([]);
  });

  test('says whether it has new keys or those of the file', async () => {
    expect((await initInDatabase()).told).toContain(`with a new key, because there is no ${path}`);
    await database.connection.query('DELETE FROM jwt_keyring');
    await fileStore(path).create(newRing(new Date()));
    expect((await initInDatabase()).told).toContain(`with the keys of ${path}`);
  });
});
