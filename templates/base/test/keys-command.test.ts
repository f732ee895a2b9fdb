// npm run keys, as an operator runs it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { newKey, newRing } from '#app/domains/auth/keys/ring.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
import { runCommand } from './support/command.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { runKeysCommand } from './support/keys-command.ts';

let database: TestDatabase;
let folder = '';

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  folder = await temporaryFolder();
  await createSealingKeyFile(join(folder, 'sealing-key'));
  await database.connection.query('DELETE FROM instances');
  await database.connection.query('DELETE FROM audit_log');
  await database.connection.query('DELETE FROM audit_head');
});

const path = () => join(folder, 'jwt-keys.json');
const stored = async () => (await fileStore(path()).read()).ring;

function files(): Record<string, string> {
  return { JWT_KEYS_FILE: path(), SEALING_KEY_FILE: join(folder, 'sealing-key') };
}

/** Runs it where instances can be seen. */
const keys = (...args: string[]) =>
  runKeysCommand(args, { ...files(), DATABASE_URL: database.url });

/** Says that an instance runs, as its heartbeat would. */
async function beat(id: string, accepts: string[], signs = accepts[0]): Promise<void> {
  await database.connection.query(
    'REPLACE INTO instances (id, accept_kids, sign_kid, seen_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    [id, accepts.join(','), signs],
  );
}

async function rowsOf(sql: string): Promise<RowDataPacket[]> {
  const [rows] = await database.connection.query<RowDataPacket[]>(sql);
  return rows;
}

test('where no instance runs, rotate makes a new key sign, and the old one is accepted for a while', async () => {
  expect(await keys('init')).toMatchObject({ code: 0 });
  const before = await stored();

  const { code, result } = await keys('rotate');

  expect(code).toBe(0);
  const after = await stored();
  expect(result).toMatchObject({
    ok: true,
    rotated: true,
    steps: ['stage', 'promote', 'schedule'],
    keys: {
      next: null,
      primary: { kid: after.primary.kid },
      fallback: { kid: before.primary.kid },
    },
    instances: [],
  });
  expect(after.primary.kid).not.toBe(before.primary.kid);
  expect(after.fallback?.retireAt?.getTime()).toBeGreaterThan(Date.now() + 900_000);
  expect(await rowsOf('SELECT action, actor FROM audit_log ORDER BY id')).toMatchObject(
    ['created', 'staged', 'promoted', 'scheduled'].map((step) => ({
      action: `keys.${step}`,
      actor: expect.stringMatching(/^operator:./),
    })),
  );

  expect(await keys('rotate')).toMatchObject({
    code: 0,
    result: { rotated: false, steps: [] },
    told: expect.stringMatching(
      `not over.*from ${after.fallback?.retireAt?.toISOString()}.*--compromised`,
    ),
  });
  expect(await stored()).toEqual(after);
});

test('a key that was staged long ago never signs: whoever has copied the keyring since has it', async () => {
  const ring = newRing(new Date());
  const stolen = newKey(new Date(Date.now() - 90 * 86_400_000));
  await fileStore(path()).create({ ...ring, next: stolen });

  expect(await keys('rotate')).toMatchObject({
    code: 0,
    result: { rotated: true, steps: ['stage', 'promote', 'schedule'] },
    told: expect.stringContaining(`Dropped the key ${stolen.kid}, which was staged 90 days ago`),
  });

  const { next, primary, fallback } = await stored();
  expect([next, fallback?.kid]).toEqual([null, ring.primary.kid]);
  expect([stolen.kid, ring.primary.kid]).not.toContain(primary.kid);
  expect(await rowsOf("SELECT detail FROM audit_log WHERE action = 'keys.staged'")).toEqual([
    { detail: expect.toSatisfy((detail) => JSON.stringify(detail).includes(stolen.kid)) },
  ]);
});

test('a key that was staged just now is taken up again, and its age is told', async () => {
  const next = newKey(new Date(Date.now() - 5 * 60_000));
  await fileStore(path()).create({ ...newRing(new Date()), next });
  expect(await keys('rotate')).toMatchObject({
    code: 0,
    result: { rotated: true },
    told: expect.stringContaining(`The key ${next.kid} was staged 5 minutes ago`),
  });
  expect((await stored()).primary.kid).toBe(next.kid);
});

test('promote alone lets an old key sign, and tells its age and how to replace it', async () => {
  const next = newKey(new Date(Date.now() - 3 * 3_600_000));
  await fileStore(path()).create({ ...newRing(new Date()), next });
  expect(await keys('promote')).toMatchObject({
    code: 0,
    told: expect.stringMatching(/staged 3 hours ago.*npm run keys -- stage/),
  });
});

test('promoted twice, the second time changes nothing', async () => {
  await fileStore(path()).create({ ...newRing(new Date()), next: newKey(new Date()) });
  expect(await keys('promote')).toMatchObject({
    code: 0,
    result: { steps: ['promote', 'schedule'] },
  });
  const after = await stored();
  expect(await keys('promote')).toMatchObject({ code: 0, result: { steps: [] } });
  expect(await stored()).toEqual(after);
});

test('a promotion that was killed before it set the end of the old key sets it when run again', async () => {
  const old = newKey(new Date());
  await fileStore(path()).create({
    ...newRing(new Date()),
    fallback: { ...old, retireAt: null },
  });
  const { primary } = await stored();
  expect(await keys('promote')).toMatchObject({
    code: 0,
    result: { steps: ['schedule'], keys: { primary: { kid: primary.kid } } },
    told: expect.stringContaining(`${primary.kid} signs already`),
  });
  const { fallback } = await stored();
  expect([fallback?.kid, fallback?.retireAt]).toEqual([old.kid, expect.any(Date)]);
});

test('of three who rotate at once all succeed, and there is one new key', async () => {
  await keys('init');
  const before = await stored();
  const ran = await Promise.all(Array.from({ length: 3 }, () => keys('rotate')));
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(await rowsOf("SELECT id FROM audit_log WHERE action = 'keys.promoted'")).toHaveLength(1);
  expect((await stored()).fallback?.kid).toBe(before.primary.kid);
});

test('J3: what is too early is refused with exit code 3, and changes nothing', async () => {
  const ring = newRing(new Date());
  const next = newKey(new Date());
  await fileStore(path()).create({ ...ring, next });
  await beat('web-1#1', [ring.primary.kid, next.kid]);
  await beat('web-2#1', [ring.primary.kid]);

  expect(await keys('promote')).toMatchObject({ code: 3, result: { pending: ['web-2#1'] } });
  await beat('web-2#1', [ring.primary.kid, next.kid]);
  expect(await keys('promote', '--instances', 'web-1,web-2,web-3')).toMatchObject({
    code: 3,
    told: expect.stringContaining('web-3 (not heard from)'),
  });
  expect((await stored()).next?.kid).toBe(next.kid);

  expect(await keys('promote')).toMatchObject({ code: 0 });
  expect(await keys('retire')).toMatchObject({
    code: 3,
    told: expect.stringMatching(/do not sign with.*web-1#1, web-2#1/),
  });
  await beat('web-1#1', [next.kid, ring.primary.kid]);
  await beat('web-2#1', [next.kid, ring.primary.kid]);
  expect(await keys('retire')).toMatchObject({ code: 3, told: expect.stringMatching(/until/) });
  expect((await stored()).fallback?.kid).toBe(ring.primary.kid);
});

test('a key whose time is over is taken out', async () => {
  const ring = newRing(new Date());
  const fallback = { ...newKey(new Date()), retireAt: new Date(Date.now() - 1000) };
  await fileStore(path()).create({ ...ring, fallback });
  expect((await keys('status')).told).toContain(
    `${fallback.kid}  is refused: its time was over at ${fallback.retireAt.toISOString()}`,
  );
  expect(await keys('retire')).toMatchObject({ code: 0 });
  expect(await stored()).toEqual(ring);
  expect(await rowsOf('SELECT action, subject FROM audit_log')).toEqual([
    { action: 'keys.retired', subject: fallback.kid },
  ]);
});

test('J6: after an emergency only the new key is left, every session has ended, and who accepts an old key is named', async () => {
  const ring = newRing(new Date());
  await fileStore(path()).create({ ...ring, next: newKey(new Date()) });
  await database.connection.query("INSERT INTO accounts (id, name) VALUES ('a', 'a')");
  await database.connection.query(
    "INSERT INTO users (id, account_id, email, password_hash) VALUES ('u', 'a', 'ada@example.com', '-')",
  );
  const sessions = Array.from({ length: 2500 }, (_, index) => [
    `s${index}`,
    'u',
    'a',
    '2100-01-01',
  ]);
  await database.connection.query(
    'INSERT INTO sessions (id, user_id, account_id, expires_at) VALUES ?',
    [sessions],
  );
  await beat('web-1#1', [ring.primary.kid]);

  const late = await keys('rotate', '--compromised', '--timeout', '0');

  expect(late).toMatchObject({ code: 3, result: { pending: ['web-1#1'] } });
  const after = await stored();
  expect([after.next, after.fallback]).toEqual([null, null]);
  expect(after.primary.kid).not.toBe(ring.primary.kid);
  expect(await rowsOf('SELECT id FROM sessions WHERE revoked_at IS NULL')).toEqual([]);
  expect(late.told).toContain('Ended 2500 sessions');
  expect(await rowsOf('SELECT action FROM audit_log ORDER BY id')).toEqual([
    { action: 'keys.compromised' },
    { action: 'sessions.all_ended' },
  ]);
});

test('nothing needs a network where nobody runs', async () => {
  for (const env of [{}, { DATABASE_URL: 'mysql://app:secret@127.0.0.1:1/app' }]) {
    await runKeysCommand(['init'], { ...files(), ...env });
    const { primary } = await stored();
    const ran = await runKeysCommand(['rotate', '--instances', 'none'], { ...files(), ...env });
    expect(ran).toMatchObject({ code: 0, told: expect.stringContaining('Not in the audit log') });
    expect((await stored()).primary.kid).not.toBe(primary.kid);
    folder = await temporaryFolder();
  }
});

test('a keyring moves into the database with its keys', async () => {
  await keys('init');
  const { primary } = await stored();
  const env = {
    ...files(),
    DATABASE_URL: database.url,
    JWT_KEYS_STORE: 'database',
    KEYRING_SECRET: (await readFile(join(folder, 'sealing-key'), 'utf8')).trim(),
  };
  const { result } = await runKeysCommand(['init'], env);
  expect(result).toMatchObject({ keys: { primary: { kid: primary.kid } } });
  await runKeysCommand(['init'], env);
  const created = { action: 'keys.created', subject: primary.kid };
  expect(await rowsOf('SELECT action, subject, detail FROM audit_log ORDER BY id')).toEqual([
    { ...created, detail: JSON.stringify({ store: 'file', takenOver: false }) },
    { ...created, detail: JSON.stringify({ store: 'database', takenOver: true }) },
  ]);
  expect(await runKeysCommand(['rotate'], env)).toMatchObject({ code: 0 });
  expect((await stored()).primary.kid).toBe(primary.kid);
});

test.for([
  ['turn'],
  ['stage', '--compromised'],
  ['rotate', '--timeout', 'soon'],
  ['rotate', '--instances', 'a b'],
  // As a program passes it on that has taken the next option for the list.
  ['rotate', '--instances=--json'],
  ['rotate', '--force'],
])('keys %s is not understood', async (args) => {
  expect(await keys(...args)).toMatchObject({ code: 2 });
});

test('as a command, it prints one JSON object, also of a failure, and tells the rest beside it', async () => {
  folder = await temporaryFolder();
  const env = { ...files(), DATABASE_URL: database.url };
  const missing = await runCommand('keys.ts', ['rotate', '--json'], env);
  // A sentence and no stack.
  expect(missing).toMatchObject({ code: 3, errors: expect.stringMatching(/^.*keys -- init\n$/) });
  expect(JSON.parse(missing.output)).toMatchObject({ ok: false, error: { code: 'precondition' } });

  const { code, output, errors } = await runCommand('keys.ts', ['init', '--json'], env);
  expect(code).toBe(0);
  expect(errors).toMatch(/^Made the sealing key .*\nMade the keyring/);
  expect(JSON.parse(output)).toMatchObject({ ok: true, keys: { next: null, fallback: null } });
});

test.for(['keys', 'outbox', 'audit'])(
  '%s --help shows what there is, with examples, whatever the settings are',
  async (name) => {
    const ran = await runCommand(`${name}.ts`, ['list', '--help'], { DATABASE_POOL_SIZE: 'many' });
    expect(ran).toMatchObject({ code: 0, errors: '' });
    expect(ran.output).toMatch(new RegExp(`^Usage: npm run ${name} (.|\n)*Examples:\n  npm run`));
  },
);

test('no command shows a secret', async () => {
  await keys('init');
  const shown = JSON.stringify([await keys('rotate'), await keys('status'), await keys('stage')]);
  const secrets = [...(await readFile(path(), 'utf8')).matchAll(/"secret": "(.+)"/g)];
  expect(secrets).toHaveLength(3);
  for (const [, secret = ''] of secrets) expect(shown).not.toContain(secret);
});
