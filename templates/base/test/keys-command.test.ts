// npm run keys, as an operator runs it.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { newKey, newRing } from '#app/domains/auth/keys/ring.ts';
import { runCommand } from './support/command.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

let database: TestDatabase;
let folder = '';

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  await database.connection.query('DELETE FROM instances');
  await database.connection.query('DELETE FROM audit_log');
});

const path = () => join(folder, 'jwt-keys.json');
const stored = async () => (await fileStore(path()).read()).ring;

function settings(): Record<string, string> {
  return { JWT_KEYS_FILE: path(), SEALING_KEY_FILE: join(folder, 'sealing-key') };
}

/** Runs it where instances can be seen. */
const keys = (...args: string[]) =>
  runCommand('keys.ts', args, { ...settings(), DATABASE_URL: database.url });

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

  const { code, output } = await keys('rotate', '--json');

  expect(code).toBe(0);
  const after = await stored();
  expect(JSON.parse(output)).toMatchObject({
    ok: true,
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
    ['staged', 'promoted', 'scheduled'].map((step) => ({
      action: `keys.${step}`,
      actor: expect.stringMatching(/^operator:./),
    })),
  );

  expect(await keys('rotate')).toMatchObject({
    code: 0,
    errors: expect.stringMatching(/not over/),
  });
  expect(await stored()).toEqual(after);
});

test('J3: what is too early is refused with exit code 3, and changes nothing', async () => {
  const ring = newRing(new Date());
  const next = newKey(new Date());
  await fileStore(path()).create({ ...ring, next });
  await beat('web-1#1', [ring.primary.kid, next.kid]);
  await beat('web-2#1', [ring.primary.kid]);

  const early = await keys('promote', '--json');
  expect(early.code).toBe(3);
  expect(JSON.parse(early.output)).toMatchObject({ ok: false, pending: ['web-2#1'] });
  await beat('web-2#1', [ring.primary.kid, next.kid]);
  expect(await keys('promote', '--instances', 'web-1,web-2,web-3')).toMatchObject({
    code: 3,
    errors: expect.stringContaining('web-3 (not heard from)'),
  });
  expect((await stored()).next?.kid).toBe(next.kid);

  expect(await keys('promote')).toMatchObject({ code: 0 });
  expect(await keys('retire')).toMatchObject({
    code: 3,
    errors: expect.stringMatching(/do not sign with.*web-1#1, web-2#1/),
  });
  await beat('web-1#1', [next.kid, ring.primary.kid]);
  await beat('web-2#1', [next.kid, ring.primary.kid]);
  expect(await keys('retire')).toMatchObject({ code: 3, errors: expect.stringMatching(/until/) });
  expect((await stored()).fallback?.kid).toBe(ring.primary.kid);
});

test('a key whose time is over is taken out', async () => {
  const ring = newRing(new Date());
  const fallback = { ...newKey(new Date()), retireAt: new Date(Date.now() - 1000) };
  await fileStore(path()).create({ ...ring, fallback });
  expect(await keys('retire')).toMatchObject({ code: 0 });
  expect(await stored()).toEqual(ring);
});

test('J6: after an emergency only the new key is left, every session has ended, and who accepts an old key is named', async () => {
  const ring = newRing(new Date());
  await fileStore(path()).create({ ...ring, next: newKey(new Date()) });
  await database.connection.query("INSERT INTO accounts (id, name) VALUES ('a', 'a')");
  await database.connection.query(
    "INSERT INTO users (id, account_id, email, password_hash) VALUES ('u', 'a', 'ada@example.com', '-')",
  );
  await database.connection.query(
    "INSERT INTO sessions (id, user_id, account_id, expires_at) VALUES ('s', 'u', 'a', '2100-01-01')",
  );
  await beat('web-1#1', [ring.primary.kid]);

  const late = await keys('rotate', '--compromised', '--timeout', '0', '--json');

  expect(late.code).toBe(3);
  expect(JSON.parse(late.output)).toMatchObject({ ok: false, pending: ['web-1#1'] });
  const after = await stored();
  expect([after.next, after.fallback]).toEqual([null, null]);
  expect(after.primary.kid).not.toBe(ring.primary.kid);
  expect(await rowsOf('SELECT revoked_at FROM sessions')).toEqual([
    { revoked_at: expect.any(Date) },
  ]);
  expect(await rowsOf('SELECT action FROM audit_log ORDER BY id')).toEqual([
    { action: 'keys.compromised' },
    { action: 'sessions.all_ended' },
  ]);
});

test('nothing needs a network where nobody runs', async () => {
  for (const env of [{}, { DATABASE_URL: 'mysql://app:secret@127.0.0.1:1/app' }]) {
    await runCommand('keys.ts', ['init'], { ...settings(), ...env });
    const { primary } = await stored();
    const ran = await runCommand('keys.ts', ['rotate', '--instances', 'none'], {
      ...settings(),
      ...env,
    });
    expect(ran).toMatchObject({ code: 0, errors: expect.stringContaining('Not in the audit log') });
    expect((await stored()).primary.kid).not.toBe(primary.kid);
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  }
});

test('a keyring moves into the database with its keys', async () => {
  await keys('init');
  const { primary } = await stored();
  const env = {
    ...settings(),
    DATABASE_URL: database.url,
    JWT_KEYS_STORE: 'database',
    KEYRING_SECRET: primary.secret.toString('base64url'),
  };
  const { output } = await runCommand('keys.ts', ['init', '--json'], env);
  expect(JSON.parse(output)).toMatchObject({ keys: { primary: { kid: primary.kid } } });
  expect(await runCommand('keys.ts', ['rotate'], env)).toMatchObject({ code: 0 });
  expect((await stored()).primary.kid).toBe(primary.kid);
});

test.for([
  [2, ['turn']],
  [2, ['stage', '--compromised']],
  [2, ['rotate', '--timeout', 'soon']],
  [2, ['rotate', '--instances', 'a b']],
  [2, ['rotate', '--force']],
  [3, ['rotate']],
] as const)('exit code %s for keys %s', async ([code, args]) => {
  const ran = await keys(...args, '--json');
  expect(ran.code).toBe(code);
  expect(JSON.parse(ran.output)).toMatchObject({
    ok: false,
    error: { message: expect.any(String) },
  });
  expect(ran.errors).not.toMatch(/\n\s+at /);
});

test('no command shows a secret', async () => {
  await keys('init');
  const shown = [await keys('rotate', '--json'), await keys('status'), await keys('stage')];
  const secrets = [...(await readFile(path(), 'utf8')).matchAll(/"secret": "(.+)"/g)];
  expect(secrets).toHaveLength(3);
  for (const [, secret = ''] of secrets) {
    for (const { output, errors } of shown) expect(output + errors).not.toContain(secret);
  }
});
