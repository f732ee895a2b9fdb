import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { ignoredFor } from '#app/domains/billing/webhooks/ignored.ts';
import { readOrder } from '../../src/commands/webhooks/order.ts';
import { runWebhooks } from '../../src/commands/webhooks/run-webhooks.ts';
import { runCommand, runHere } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { sealingSecrets, testSealing } from '../support/sealing.ts';

let database: TestDatabase;
let opened: Database;
let written = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  opened = await openDatabase({
    settings: { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 2 },
    sealing: testSealing,
  });
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});
beforeEach(() => database.connection.query('DELETE FROM webhook_events'));

const run = (...args: string[]) => runHere((print) => runWebhooks(readOrder(args), opened, print));

async function write(
  state: string,
  { type = 'invoice.paid', lastError = 'TypeError' } = {},
): Promise<{ id: number; eventId: string }> {
  written += 1;
  const eventId = `evt_Test${written}`;
  const due = ['received', 'processing', 'failed'].includes(state);
  const [{ insertId }] = await database.connection.query<RowDataPacket[] & { insertId: number }>(
    `INSERT INTO webhook_events
       (provider, event_id, type, livemode, event_created, payload, state, attempts, available_at, last_error, received_at)
     VALUES ('stripe', ?, ?, 1, 1700000000, ?, ?, 8,
             IF(?, UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE, NULL), ?, UTC_TIMESTAMP(3))`,
    [eventId, type, '{"customer_email":"jane@example.com"}', state, due, lastError],
  );
  return { id: insertId, eventId };
}

async function rows(query: string): Promise<RowDataPacket[]> {
  const [found] = await database.connection.query<RowDataPacket[]>(query);
  return found;
}

test('it lists what is not done, without what is in it', async () => {
  const dead = await write('dead');
  for (const state of ['processed', 'ignored']) await write(state);
  expect(await run('list')).toEqual({
    code: 0,
    output: `${dead.id}  ${dead.eventId}  dead        invoice.paid  8 attempts  TypeError\n`,
    errors: '',
  });
});

test('it shows one by either of its names, and what Stripe sent only when it is asked to, which is noted', async () => {
  const { id, eventId } = await write('dead');
  const byNumber = await run('show', String(id));
  expect(byNumber).toMatchObject({ code: 0, errors: '' });
  expect(byNumber.output).toMatch(new RegExp(`^eventId +${eventId}$`, 'm'));
  expect(byNumber.output).not.toContain('jane');
  const acts = `SELECT actor, action FROM audit_log WHERE subject = 'webhook:${id}'`;
  expect(await rows(acts)).toEqual([]);
  const whole = await run('show', eventId, '--payload', '--json');
  expect(JSON.parse(whole.output).event).toMatchObject({
    id,
    eventId,
    livemode: true,
    payload: '{"customer_email":"jane@example.com"}',
  });
  expect(await rows(acts)).toEqual([
    { actor: expect.stringMatching(/^operator:./), action: 'webhook.payload_read' },
  ]);
});

test('whatever is not waiting is replayed as if it were new, and the audit log says by whom', async () => {
  const replayed = [];
  for (const state of ['failed', 'dead', 'ignored', 'processed']) replayed.push(await write(state));
  const busy = [await write('received'), await write('processing')];
  const ids = [...replayed, ...busy].map(({ eventId }) => eventId);
  const { code, output, errors } = await run('replay', ...ids);
  expect(code).toBe(3);
  expect(output).toBe(replayed.map(({ eventId }) => `${eventId} is processed again.\n`).join(''));
  expect(errors).toContain(`${busy[0]?.eventId} is waiting to be processed already.`);
  expect(errors).toContain(`${busy[1]?.eventId} is being processed just now`);
  expect(
    await rows(`SELECT id FROM webhook_events
                WHERE state = 'received' AND attempts = 0 AND available_at <= UTC_TIMESTAMP(3)`),
  ).toEqual(replayed.map(({ id }) => ({ id })));
  expect(
    await rows(
      `SELECT actor, action, detail FROM audit_log WHERE subject = 'webhook:${replayed[0]?.id}'`,
    ),
  ).toMatchObject([
    {
      actor: expect.stringMatching(/^operator:./),
      action: 'webhook.replayed',
      detail: JSON.stringify({ eventId: replayed[0]?.eventId, type: 'invoice.paid' }),
    },
  ]);
});

test('all that were given up are replayed at once, and nothing else', async () => {
  const dead = [await write('dead'), await write('dead')];
  await write('failed');
  const { code, output } = await run('replay', '--dead', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(output)).toEqual({
    results: dead.map(({ eventId }) => ({ id: eventId, outcome: 'done' })),
  });
});

async function replayIgnored(...args: string[]): Promise<unknown> {
  const { output } = await run('replay', '--ignored', '--json', ...args);
  return JSON.parse(output).results;
}

test('what came when no version handled it is replayed at once, as far as it is handled now', async () => {
  const lastError = ignoredFor.noHandler;
  const paid = await write('ignored', { lastError });
  const failed = await write('ignored', { type: 'invoice.payment_failed', lastError });
  await write('ignored', { type: 'customer.tax_id.created', lastError });
  await write('ignored', { lastError: ignoredFor.otherMode });
  await write('ignored'); // discarded
  await write('dead');
  expect(await replayIgnored('--type', 'customer.tax_id.created')).toEqual([]);
  expect(await replayIgnored('--type', 'invoice.paid')).toEqual([
    { id: paid.eventId, outcome: 'done' },
  ]);
  expect(await replayIgnored()).toEqual([{ id: failed.eventId, outcome: 'done' }]);
});

test('as a command: what is discarded stays as ignored, with the reason in the audit log; the rest is said', async () => {
  const [dead, processed] = [await write('dead'), await write('processed')];
  const ids = [String(dead.id), processed.eventId, 'evt_missing'];
  const args = ['discard', ...ids, '--reason', 'refunded by hand', '--json'];
  const { code, output, errors } = await runCommand('webhooks.ts', args, {
    DATABASE_URL: database.url,
    ...sealingSecrets,
  });
  expect(code).toBe(3);
  expect(JSON.parse(output)).toEqual({
    results: [
      { id: String(dead.id), outcome: 'done' },
      { id: processed.eventId, outcome: 'processed' },
      { id: 'evt_missing', outcome: 'missing' },
    ],
  });
  expect(errors).toContain('evt_missing is not there.');
  expect(await rows('SELECT state FROM webhook_events ORDER BY id')).toEqual([
    { state: 'ignored' },
    { state: 'processed' },
  ]);
  expect(
    await rows(`SELECT subject, detail FROM audit_log WHERE action = 'webhook.discarded'`),
  ).toMatchObject([
    {
      subject: `webhook:${dead.id}`,
      detail: expect.stringContaining('"reason":"refunded by hand"'),
    },
  ]);
});

test('what waits or was lost with its process is discarded; what somebody has in work is not', async () => {
  const [received, busy, lost] = [
    await write('received'),
    await write('processing'),
    await write('processing'),
  ];
  await database.connection.query(
    `UPDATE webhook_events SET lease_token = UUID(),
       available_at = IF(id = ?, UTC_TIMESTAMP(3), available_at)
     WHERE state = 'processing'`,
    [lost.id],
  );
  const ids = [received, busy, lost].map(({ eventId }) => eventId);
  const { code, output, errors } = await run('discard', ...ids);
  expect(code).toBe(3);
  expect(output).toBe(
    [received, lost].map(({ eventId }) => `${eventId} is ignored from now on.\n`).join(''),
  );
  expect(errors).toContain(`${busy.eventId} is being processed just now`);
  const ignored = { state: 'ignored', lease_token: null, available_at: null };
  expect(
    await rows('SELECT state, lease_token, available_at FROM webhook_events ORDER BY id'),
  ).toEqual([
    ignored,
    { state: 'processing', lease_token: expect.any(String), available_at: expect.any(Date) },
    ignored,
  ]);
});

test('wrong arguments are a sentence and exit code 2', async () => {
  expect(await run('list', '--state', 'lost')).toEqual({
    code: 2,
    output: '',
    errors: '--state is one of received, processing, processed, failed, dead, ignored.\n',
  });
});

test.for([
  [[], 'Usage'],
  [['delete'], 'Usage'],
  [['toString'], 'Usage'],
  [['list', 'all'], 'Usage'],
  [['list', '--dead'], 'Usage'],
  [['list', '--all'], '--all'],
  [['list', '--limit', '0'], '--limit'],
  [['show'], 'Usage'],
  [['show', '1', '2'], 'Usage'],
  [['show', '1', '--reason', 'x'], 'Usage'],
  [['replay'], 'Usage'],
  [['replay', '1', '--dead'], 'Usage'],
  [['replay', '1', '--payload'], 'Usage'],
  [['replay', '1', '--ignored'], 'Usage'],
  [['replay', '--dead', '--ignored'], 'Usage'],
  [['replay', '--dead', '--type', 'invoice.paid'], 'Usage'],
  [['discard'], 'Usage'],
  [['discard', '--dead'], 'Usage'],
  [['discard', "x' OR '1'='1"], 'is no id'],
] as const)('arguments such as %j are wrong', ([args, message]) => {
  expect(() => readOrder([...args])).toThrow(message);
});
