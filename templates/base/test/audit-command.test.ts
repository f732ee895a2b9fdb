// npm run audit, as an operator runs it.
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { readOrder } from '../src/commands/audit/order.ts';
import { runAudit } from '../src/commands/audit/run-audit.ts';
import { withDatabase } from '../src/commands/with-database.ts';
import { runCommand, runHere, type Ran } from './support/command.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { sealingSecrets, testSealing as sealing } from './support/sealing.ts';

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
  await testDatabase.connection.query('TRUNCATE TABLE audit_log');
  await testDatabase.connection.query('TRUNCATE TABLE audit_head');
});

async function record(count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await database.transaction((tx) =>
      recordAct(tx, { actor: `user:${n}`, action: 'user.renamed', detail: { n } }),
    );
  }
}

const run = (...args: string[]): Promise<Ran> =>
  runHere(async (print) => {
    const output = writable((text) => print(text.replace(/\n$/, '')));
    await runAudit(readOrder(args), { database, sealing }, output, () => {});
  });

function writable(write: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      try {
        write(String(chunk));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function exportTo(code: string): Promise<void> {
  const output = writable(() => {
    throw Object.assign(new Error('closed'), { code });
  });
  return runAudit(readOrder(['export']), { database, sealing }, output, () => {});
}

/** Records an act as a command does, with this key. */
function recordWith(KEYRING_SECRET: string): Promise<void> {
  const settings = {
    DATABASE_URL: testDatabase.url,
    DATABASE_POOL_SIZE: 1,
    SEALING_KEY_FILE: 'none',
    KEYRING_SECRET,
  };
  const act = { actor: 'operator:ada', action: 'outbox.replayed' };
  return withDatabase(settings, (opened) => opened.transaction((tx) => recordAct(tx, act)));
}

async function exportedIds(...args: string[]): Promise<number[]> {
  const { output } = await run('export', ...args);
  return [...output.matchAll(/"id":(\d)/g)].map(([, id]) => Number(id));
}

test('verify says that all is as it was written, and where the log ends', async () => {
  expect(await run('verify')).toMatchObject({ code: 0, output: 'Nothing is recorded yet.\n' });
  await record(3);
  const { output: head } = await run('head');
  expect(head).toMatch(/^3:[\da-f]{64}\n$/);
  expect(await run('verify', '--head', head.trim())).toMatchObject({
    code: 0,
    output: `All 3 entries are as they were written. The head is ${head}`,
  });
  expect(JSON.parse((await run('verify', '--json')).output)).toEqual({
    ok: true,
    entries: 3,
    head: head.trim(),
  });
});

test('as a command, verify names the entry that was changed, with exit code 1', async () => {
  await record(3);
  await testDatabase.connection.query("UPDATE audit_log SET actor = 'user:9' WHERE id = 2");
  const { code, output, errors } = await runCommand('audit.ts', ['verify', '--json'], {
    DATABASE_URL: testDatabase.url,
    ...sealingSecrets,
  });
  expect([code, errors]).toEqual([
    1,
    expect.stringMatching(/^Entry 2 is not what was written.*\n$/),
  ]);
  expect(JSON.parse(output)).toMatchObject({
    ok: false,
    error: { code: 'unexpected', message: errors.trim() },
    entries: 1,
    broken: { id: 2, kind: 'changed' },
  });
});

test('verify with a head that was kept finds what was cut off the end', async () => {
  await record(3);
  const { output: kept } = await run('head');
  await testDatabase.connection.query('DELETE FROM audit_log WHERE id = 3');
  await testDatabase.connection.query(
    'UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_log WHERE id = 2)',
  );
  expect(await run('verify')).toMatchObject({ code: 0 });
  expect(await run('verify', '--head', kept.trim())).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^Entry 3 is missing/),
  });
});

test('an exported log can be checked elsewhere, with the key and nothing else of this project', async () => {
  await record(3);
  const { output } = await run('export');
  const entries = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries).toHaveLength(3);
  const secret = Buffer.from(sealingSecrets.KEYRING_SECRET, 'base64url');
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'authentication', 32));
  let previous: Buffer = Buffer.alloc(32);
  for (const { hash, ...entry } of entries) {
    const { id, at, actor, operator, action, subject, detail, requestId } = entry;
    const row = [id, at, actor, operator, action, subject, detail, requestId];
    previous = createHmac('sha256', key)
      .update('audit_log\0')
      .update(previous)
      .update(JSON.stringify(row))
      .digest();
    expect(previous.toString('hex')).toBe(hash);
  }
});

test('export is of the days that are asked for, the last not included', async () => {
  await record(3);
  for (const id of [1, 2, 3]) {
    await testDatabase.connection.query('UPDATE audit_log SET at = ? WHERE id = ?', [
      new Date(`2026-01-0${id}T00:00:00Z`),
      id,
    ]);
  }
  expect(await exportedIds('--since', '2026-01-02')).toEqual([2, 3]);
  expect(await exportedIds('--until', '2026-01-02')).toEqual([1]);
  expect(await exportedIds('--since', '2026-01-01T00:00:01Z', '--until', '2026-01-03')).toEqual([
    2,
  ]);
});

test('an export ends when nobody reads on, and fails where it cannot be written', async () => {
  await record(2);
  await expect(exportTo('EPIPE')).resolves.toBeUndefined();
  await expect(exportTo('ENOSPC')).rejects.toMatchObject({ code: 'ENOSPC' });
});

test('without the sealing key it says so, and only what needs it fails', async () => {
  await record(1);
  const settings = {
    DATABASE_URL: testDatabase.url,
    DATABASE_POOL_SIZE: 1,
    SEALING_KEY_FILE: 'none',
  };
  const audit = (...args: string[]) =>
    runHere((print) =>
      withDatabase(settings, (opened, missing) =>
        runAudit(
          readOrder(args),
          { database: opened, sealing: missing },
          writable(print),
          () => {},
        ),
      ),
    );
  await expect(audit('verify')).rejects.toThrow(
    /^This takes the service's own sealing key\. There is no sealing key at none/,
  );
  expect(await audit('head')).toMatchObject({ code: 0 });
});

test('a command with another key than the service does nothing that it would have to record', async () => {
  await record(1);
  const [mine, other] = [sealingSecrets.KEYRING_SECRET, randomBytes(32).toString('base64url')];
  await expect(recordWith(other)).rejects.toThrow(/does not fit the sealing key that is here/);
  expect(await run('verify')).toMatchObject({ code: 0, output: expect.stringMatching(/^All 1 /) });
  await recordWith(mine);
  await recordWith(mine);
  expect(await run('verify')).toMatchObject({ code: 0, output: expect.stringMatching(/^All 3 /) });
});

test.for([
  '',
  'check',
  'verify --head 3',
  `verify --head 3:${'0'.repeat(63)}`,
  'verify --since 2026-01-01',
  'head --head 1',
  'export --json',
  'export --since yesterday',
  'export --since 2026-02-30',
  'export --until 2026-01-01T00:00:00+02:00',
])('the arguments “%s” are a sentence and exit code 2', async (args) => {
  const ran = await run(...args.split(' ').filter(Boolean));
  expect(ran).toMatchObject({ code: 2, output: '', errors: expect.stringMatching(/^\S.*\n$/s) });
});
