// The head of the audit log, as it is told to who keeps it elsewhere.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { openAuditExport } from '#app/platform/audit/head-export.ts';
import { readHead } from '#app/platform/audit/read.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { testSealing as sealing } from './support/sealing.ts';
import { testSettings } from './support/service.ts';

/** Several times what it takes where nobody else works. */
const long = { timeout: 30_000 };
const token = 'a-token-that-nobody-may-see';

let testDatabase: TestDatabase;
let database: Database;
let server: Server;
let taken: unknown[];
let status: number | 'nothing';
let lines: Record<string, unknown>[];

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
  [taken, status, lines] = [[], 204, []];
  server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  taken.push(JSON.parse(await text(request)));
  if (status !== 'nothing') response.writeHead(status).end();
}

const log = () =>
  createLog({ LOG_LEVEL: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });

function exportTo(port: number, patience = 60_000) {
  const AUDIT_HEAD_URL = `http://127.0.0.1:${port}/heads?token=${token}`;
  const settings = testSettings(testDatabase, { AUDIT_HEAD_URL });
  return openAuditExport({ settings, log: log(), database }, { pause: 10, patience });
}

const port = () => (server.address() as AddressInfo).port;

async function record(): Promise<object> {
  await database.transaction((tx) => recordAct(tx, { actor: 'user:1', action: 'user.renamed' }));
  const { sequence = 0, hash } = (await readHead(database)) ?? {};
  return { sequence, hash: hash?.toString('hex') };
}

test('it is logged and sent, and again as it has become', async () => {
  const first = await record();
  const exporting = await exportTo(port());
  await expect.poll(() => taken, long).toContainEqual(first);
  const second = await record();
  await expect.poll(() => taken, long).toContainEqual(second);
  await exporting.close();
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'audit head', ...second }));
});

test.for([
  [500, /not taken/],
  [302, /could not be sent/],
] as const)(
  'an answer of %s is logged, and the next one is sent as ever',
  async ([code, message]) => {
    const head = await record();
    status = code;
    const exporting = await exportTo(port());
    await expect.poll(() => taken.length, long).toBeGreaterThan(1);
    await exporting.close();
    expect(taken[1]).toEqual(head);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringMatching(message) }),
    );
  },
);

test('that nobody is there is logged, without the URL, which may hold a secret', async () => {
  await record();
  const exporting = await exportTo(1);
  await expect
    .poll(() => lines.filter(({ level }) => level === 'warn').length, long)
    .toBeGreaterThan(1);
  await exporting.close();
  expect(JSON.stringify(lines)).not.toContain(token);
});

test('who does not answer is not waited for', async () => {
  await record();
  status = 'nothing';
  const exporting = await exportTo(port(), 10);
  await expect.poll(() => taken.length, long).toBeGreaterThan(1);
  await exporting.close();
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: 'the audit head could not be sent' }),
  );
});

test('nor does it keep anything from being closed', async () => {
  await record();
  status = 'nothing';
  const exporting = await exportTo(port(), 3_600_000);
  await expect.poll(() => taken.length, long).toBe(1);
  await exporting.close();
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test.for(['DELETE', 'REPLACE'])(
  'an entry that was told before and falls to a %s is missed',
  async (way) => {
    const { sequence } = (await record()) as { sequence: number };
    const exporting = await exportTo(port());
    await expect.poll(() => taken.length, long).toBeGreaterThan(1);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    await testDatabase.connection.query(
      way === 'DELETE'
        ? 'TRUNCATE TABLE audit_log'
        : `UPDATE audit_log SET hash = REPEAT('x', 32) WHERE id = ${sequence}`,
    );
    await testDatabase.connection.query('TRUNCATE TABLE audit_head');
    const found = { level: 'error', sequence, msg: expect.stringMatching(/lost an entry/) };
    await expect.poll(() => lines, long).toContainEqual(expect.objectContaining(found));
    await exporting.close();
    await testDatabase.connection.query('TRUNCATE TABLE audit_log');
  },
);

test('a database that cannot tell stops nothing', async () => {
  await testDatabase.connection.query('RENAME TABLE audit_head TO head_that_is_away');
  const exporting = await exportTo(port());
  await expect.poll(() => lines, long).toContainEqual(expect.objectContaining({ level: 'error' }));
  await testDatabase.connection.query('RENAME TABLE head_that_is_away TO audit_head');
  const head = await record();
  await expect.poll(() => taken, long).toContainEqual(head);
  await exporting.close();
});

test.for(['ftp://example.com/', 'nowhere', 'https://user:pw@example.com/'])(
  'the address %s is refused',
  (AUDIT_HEAD_URL) => {
    expect(() => testSettings(testDatabase, { AUDIT_HEAD_URL })).toThrow(/AUDIT_HEAD_URL: Must/);
  },
);
