import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { readOrder } from '../src/commands/outbox/order.ts';
import { runOutbox } from '../src/commands/outbox/run-outbox.ts';
import { runCommand, runHere } from './support/command.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { sealingSecrets, testSealing } from './support/sealing.ts';

let database: TestDatabase;
let opened: Database;

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
beforeEach(() => database.connection.query('DELETE FROM outbox'));

const run = (...args: string[]) => runHere((print) => runOutbox(readOrder(args), opened, print));

async function write(state: string): Promise<string> {
  const id = newId();
  const due = ['pending', 'failed'].includes(state) ? new Date() : null;
  await database.connection.query(
    'INSERT INTO outbox (id, kind, payload, state, attempts, available_at, last_error) VALUES (?, ?, ?, ?, 8, ?, ?)',
    [id, 'mail', Buffer.from('sealed'), state, due, 'Nobody is there'],
  );
  return id;
}

async function rows(query: string): Promise<RowDataPacket[]> {
  const [found] = await database.connection.query<RowDataPacket[]>(query);
  return found;
}

test('it lists what is not delivered, without what is in it', async () => {
  const [dead] = [await write('dead'), await write('sent')];
  const [machine, person] = await Promise.all([run('list', '--json'), run('list')]);
  expect([machine.code, machine.errors]).toEqual([0, '']);
  const { letters } = JSON.parse(machine.output);
  expect(letters).toMatchObject([
    { id: dead, kind: 'mail', state: 'dead', attempts: 8, lastError: 'Nobody is there' },
  ]);
  expect(letters[0]).not.toHaveProperty('payload');
  expect(person.output).toContain(`${dead}  dead     mail  8 attempts  Nobody is there\n`);
});

test('what is replayed is due as if it were new, once, and the audit log says by whom', async () => {
  const id = await write('dead');
  expect(await run('replay', id)).toMatchObject({ code: 0, output: `${id} is delivered again.\n` });
  expect(await rows('SELECT state, attempts, available_at FROM outbox')).toMatchObject([
    { state: 'pending', attempts: 0, available_at: expect.any(Date) },
  ]);
  expect(
    await rows(`SELECT actor, action FROM audit_log WHERE subject = 'outbox:${id}'`),
  ).toMatchObject([{ actor: expect.stringMatching(/^operator:./), action: 'outbox.replayed' }]);
});

test('all that was given up is replayed at once, and nothing else', async () => {
  const dead = [await write('dead'), await write('dead')];
  const [failed, sent] = [await write('failed'), await write('sent')];
  const { code, output } = await run('replay', '--dead', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(output)).toEqual({
    results: dead.toSorted().map((id) => ({ id, outcome: 'done' })),
  });
  const states = await rows('SELECT id, state FROM outbox');
  expect(Object.fromEntries(states.map(({ id, state }) => [id, state]))).toEqual({
    ...Object.fromEntries(dead.map((id) => [id, 'pending'])),
    [failed]: 'failed',
    [sent]: 'sent',
  });
  expect(await run('replay', '--dead')).toMatchObject({ code: 0, output: 'There is nothing.\n' });
});

test('as a command: what is discarded is gone; what is not there or not to be stopped is said, the rest done', async () => {
  const [dead, sending, missing] = [await write('dead'), await write('sending'), newId()];
  const args = ['discard', missing, sending, dead, '--json'];
  const { code, output, errors } = await runCommand('outbox.ts', args, {
    DATABASE_URL: database.url,
    ...sealingSecrets,
  });
  expect(code).toBe(3);
  expect(JSON.parse(output)).toEqual({
    results: [
      { id: missing, outcome: 'missing' },
      { id: sending, outcome: 'sending' },
      { id: dead, outcome: 'done' },
    ],
  });
  expect(errors).toContain(`${missing} is not there.`);
  expect(await rows('SELECT id FROM outbox')).toEqual([{ id: sending }]);
  expect(await rows(`SELECT action FROM audit_log WHERE action = 'outbox.discarded'`)).toHaveLength(
    1,
  );
});

test('wrong arguments are a sentence and exit code 2', async () => {
  const { code, output, errors } = await run('list', '--state', 'lost');
  expect({ code, output, errors }).toEqual({
    code: 2,
    output: '',
    errors: '--state is one of pending, sending, sent, failed, dead.\n',
  });
});

test.for([
  [[], 'Usage'],
  [['send'], 'Usage'],
  [['replay'], 'Usage'],
  [['list', 'all'], 'Usage'],
  [['replay', newId(), '--state', 'dead'], 'Usage'],
  [['list', '--all'], '--all'],
  [['list', '--dead'], 'Usage'],
  [['discard', '--dead'], 'Usage'],
  [['replay', newId(), '--dead'], 'Usage'],
  [['list', '--limit', '0'], '--limit'],
  [['discard', "x' OR '1'='1"], 'is no id'],
] as const)('arguments such as %j are wrong', ([args, message]) => {
  expect(() => readOrder([...args])).toThrow(message);
});
