import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineError } from '#app/errors.ts';
import { describeApi } from '#app/http/docs/openapi.ts';
import { temporarilyUnavailable } from '#app/http/errors.ts';
import { html, json, open, reply, route, type Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { idempotencyHook } from '#app/platform/idempotency/hook.ts';
import { prune } from '#app/platform/idempotency/idempotency.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { byName, createOrders, openInstance, type Instance } from './support/repeatable.ts';
import type { Answer } from './support/service.ts';

let testDatabase: TestDatabase;
let one: Instance;
let other: Instance;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await createOrders(testDatabase);
  one = await openInstance(testDatabase);
  other = await openInstance(testDatabase);
});

afterAll(async () => {
  await one.close();
  await other.close();
  await testDatabase.drop();
});

async function count(from: string, ...values: string[]): Promise<number> {
  const [[row]] = await testDatabase.connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS count FROM ${from}`,
    values,
  );
  return Number(row?.['count']);
}

/** How often an item was ordered, by each of the traces that an order leaves. */
async function ordersOf(item: string): Promise<number> {
  const rows = await count('test_orders WHERE item = ?', item);
  expect(await count('audit_log WHERE subject = ?', item)).toBe(rows);
  expect(await count('outbox')).toBe(await count('test_orders'));
  return rows;
}

const isAgain = ({ headers }: Answer) => headers.get('idempotency-replayed') === 'true';
const runsOf = (item: string) =>
  [...one.handled, ...other.handled].filter((each) => each === item).length;

test('H5: of twenty at once, on two instances, one has its effect, and each answer is the same', async () => {
  const send = async (index: number): Promise<Answer> => {
    const answer = await (index % 2 === 0 ? one : other).order('twenty', { key: 'twenty' });
    if (answer.status !== 409) return answer;
    expect(answer.body.code).toBe('idempotency_key_in_flight');
    expect(answer.headers.get('retry-after')).toBe('1');
    return send(index);
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => send(index)));
  const [first] = answers;
  for (const { status, body, headers } of answers) {
    expect([status, body]).toEqual([201, first?.body]);
    expect(headers.get('location')).toBe(`/orders/${body.id}`);
  }
  expect(answers.filter(isAgain)).toHaveLength(19);
  expect([await ordersOf('twenty'), runsOf('twenty')]).toEqual([1, 1]);
});

test('while it is being handled, whoever sends it again is told to wait', async () => {
  const handling = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  one.next.set('slow', async () => {
    handling.resolve();
    await goOn.promise;
  });
  const first = one.order('slow', { key: 'slow' });
  await handling.promise;
  const others = Array.from({ length: 19 }, () => other.order('slow', { key: 'slow' }));
  for (const { status } of await Promise.all(others)) expect(status).toBe(409);
  goOn.resolve();
  expect((await first).status).toBe(201);
  expect(isAgain(await other.order('slow', { key: 'slow' }))).toBe(true);
  expect(await ordersOf('slow')).toBe(1);
});

test('a key goes with one request: for another one it is refused', async () => {
  const { status } = await one.order('this', { key: 'one-request' });
  expect(status).toBe(201);
  const { body, ...refused } = await one.order('that', { key: 'one-request' });
  expect([refused.status, body.code]).toEqual([422, 'idempotency_key_reused']);
  const path = '/orders/of/here';
  expect((await one.order('this', { key: 'one-request', path })).status).toBe(201);
  const there = await one.order('this', { key: 'one-request', path: '/orders/of/there' });
  expect(there.status).toBe(422);
});

test('a key is its own for each user, account and route', async () => {
  const options = { key: 'mine' };
  const answers = [
    await one.order('mine', options),
    await one.order('mine', { ...options, as: ['another-user', 'an-account'] }),
    await one.order('mine', { ...options, as: ['a-user', 'another-account'] }),
    await one.order('mine', { ...options, path: '/orders/keyed' }),
  ];
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(4);
  expect(answers.filter(isAgain)).toEqual([]);
});

test('without a key each request has its effect', async () => {
  await one.order('twice');
  await one.order('twice');
  expect(await ordersOf('twice')).toBe(2);
});

test('what was refused stays refused, and has no effect', async () => {
  const soldOut = defineError('sold_out', 409, 'Sold out');
  one.next.set('refused', () => {
    throw soldOut({ detail: 'None left.', headers: { Link: '</orders>' } });
  });
  const first = await one.order('refused', { key: 'refused' });
  const again = await other.order('refused', { key: 'refused' });
  const { requestId: _, ...told } = first.body;
  expect([again.status, again.body]).toMatchObject([409, { ...told, code: 'sold_out' }]);
  expect([isAgain(first), isAgain(again), again.headers.get('link')]).toEqual([
    false,
    true,
    '</orders>',
  ]);
  expect(again.body.requestId).toBe(again.headers.get('x-request-id'));
  expect([await ordersOf('refused'), runsOf('refused')]).toEqual([0, 1]);
});

test.for([
  ['a fault of ours', 500, () => new Error('no')],
  ['what the database lost', 503, () => Object.assign(new Error('no'), { code: 'ETIMEDOUT' })],
  ['what is not there for now', 503, () => temporarilyUnavailable()],
  ['too many requests', 429, () => defineError('too_many', 429, 'Too many')()],
  ['what is to be tried again', 409, () => defineError('busy', 409, 'Busy')({ retryAfter: 1 })],
] as const)('%s is not kept: the next try has its effect', async ([item, status, thrown]) => {
  one.next.set(item, () => {
    throw thrown();
  });
  const key = `"${item}"`;
  expect((await one.order(item, { key })).status).toBe(status);
  expect(await ordersOf(item)).toBe(0);
  const next = await other.order(item, { key });
  expect([next.status, isAgain(next)]).toEqual([201, false]);
  expect(await ordersOf(item)).toBe(1);
});

test('input that is not valid takes no key', async () => {
  expect((await one.order('', { key: 'valid-later' })).body.code).toBe('validation_failed');
  expect((await one.order('valid', { key: 'valid-later' })).status).toBe(201);
});

test('after a deadlock it is handled again, with one effect', async () => {
  one.next.set('deadlock', () => {
    if (runsOf('deadlock') < 3) throw Object.assign(new Error('deadlock'), { errno: 1213 });
  });
  expect((await one.order('deadlock', { key: 'deadlock' })).status).toBe(201);
  expect([await ordersOf('deadlock'), runsOf('deadlock')]).toEqual([1, 3]);
});

test('a connection that is lost between effect and answer leaves neither, and it is handled again', async () => {
  one.next.set('lost', async () => {
    if (runsOf('lost') > 1) return;
    const [rows] = await one.database.statements.query<RowDataPacket[]>(
      'SELECT CONNECTION_ID() AS id',
    );
    await testDatabase.connection.query(`KILL ${rows[0]?.['id']}`);
  });
  expect((await one.order('lost', { key: 'lost' })).status).toBe(201);
  expect([await ordersOf('lost'), runsOf('lost')]).toEqual([1, 2]);
});

test('whoever was taken for lost and comes back leaves nothing', async () => {
  const frozen = await openInstance(testDatabase, { lease: 0 });
  const handling = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  frozen.next.set('frozen', async () => {
    handling.resolve();
    await goOn.promise;
  });
  const first = frozen.order('frozen', { key: 'frozen' });
  await handling.promise;
  const second = await one.order('frozen', { key: 'frozen' });
  goOn.resolve();
  expect([second.status, (await first).status]).toEqual([201, 409]);
  await frozen.close();
  expect(await ordersOf('frozen')).toBe(1);
  expect((await other.order('frozen', { key: 'frozen' })).body).toEqual(second.body);
});

test('whoever was taken for lost and fails does not free the key of who took its place', async () => {
  const frozen = await openInstance(testDatabase, { lease: 0 });
  const stop = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const handling = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  frozen.next.set('failing', async () => {
    handling[0].resolve();
    await stop[0].promise;
    throw new Error('no');
  });
  one.next.set('failing', async () => {
    handling[1].resolve();
    await stop[1].promise;
  });
  const first = frozen.order('failing', { key: 'failing' });
  await handling[0].promise;
  const second = one.order('failing', { key: 'failing' });
  await handling[1].promise;
  stop[0].resolve();
  expect((await first).status).toBe(500);
  expect((await other.order('failing', { key: 'failing' })).status).toBe(409);
  stop[1].resolve();
  expect((await second).status).toBe(201);
  await frozen.close();
  expect(await ordersOf('failing')).toBe(1);
});

test('an answer is kept for a day', async () => {
  const { connection } = testDatabase;
  await one.order('a day', { key: 'a-day' });
  const hours = 'TIMESTAMPDIFF(HOUR, created_at, expires_at) = 24';
  expect(await count(`idempotency_keys WHERE ${hours}`)).toBe(await count('idempotency_keys'));
  await connection.query('UPDATE idempotency_keys SET expires_at = UTC_TIMESTAMP(3)');
  expect((await one.order('another', { key: 'a-day' })).status).toBe(201);
  await prune(one.database);
  expect(await count('idempotency_keys')).toBe(1);
  expect(isAgain(await one.order('another', { key: 'a-day' }))).toBe(true);
});

test('the database tells neither key nor answer', async () => {
  const { body } = await one.order('an item to hide', { key: 'a-key-to-hide' });
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT * FROM idempotency_keys',
  );
  const stored = rows.map((row) => Object.values(row).map(String).join()).join();
  for (const text of ['an item to hide', 'a-key-to-hide', body.id, 'never leaves']) {
    expect(stored).not.toContain(text);
  }
});

test.for([
  ['in quotes', '"plain"', 'plain'],
  ['with what a backslash lets in', String.raw`"\"a\\b\""`, String.raw`"\"a\\b\""`],
  ['as long as can be', 'k'.repeat(255), `"${'k'.repeat(255)}"`],
] as const)('a key %s is the same as without', async ([name, key, same]) => {
  expect((await one.order(name, { key })).status).toBe(201);
  expect(isAgain(await one.order(name, { key: same }))).toBe(true);
});

test.for(['""', '"', '"open', 'two words', '"a", "b"', String.raw`"\n"`, 'ü', 'k'.repeat(256)])(
  'the key %o is refused',
  async (key) => {
    const { status, body } = await one.order('bad key', { key });
    expect([status, body.code]).toEqual([400, 'idempotency_key_malformed']);
    expect(await ordersOf('bad key')).toBe(0);
  },
);

test('where a key is required, a request without one is refused', async () => {
  const { status, body } = await one.order('keyless', { path: '/orders/keyed' });
  expect([status, body.code]).toEqual([400, 'idempotency_key_missing']);
  expect(await ordersOf('keyless')).toBe(0);
});

const plain = {
  method: 'post',
  path: '/plain',
  summary: 'Answer',
  idempotent: true,
  guard: byName,
  answers: { 200: json(z.object({})) },
  handler: async () => reply(200, {}),
} as const;

test.for<[string, Route]>([
  ['for everybody', route({ ...plain, guard: open })],
  ['as a page', route({ ...plain, answers: { 200: html() }, handler: async () => reply(200, '') })],
])('a route that answers %s cannot be idempotent', ([, wrong]) => {
  const hookOf = idempotencyHook({} as Services);
  expect(hookOf(route(plain))).toBeDefined();
  expect(() => hookOf(wrong)).toThrow('post /plain cannot be idempotent');
});

test('the documentation names the header and its errors, where the route has it', () => {
  const routes = [route(plain), route({ ...plain, path: '/required', idempotent: 'required' })];
  const { paths } = describeApi({ title: '', version: '', origin: '' }, [{ name: 'test', routes }]);
  for (const [path, required] of [
    ['/plain', false],
    ['/required', true],
  ] as const) {
    const { parameters, responses } = paths[path]?.['post'] ?? {};
    expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required }]);
    expect(Object.keys(responses ?? {})).toEqual(expect.arrayContaining(['400', '409', '422']));
  }
});

test('browsers of the listed origins may send a key, and read that an answer is one given again', async () => {
  const origin = 'https://www.example.com';
  const asked = await one.ask('/orders', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  });
  expect(asked.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  const { headers } = await one.ask('/orders', { method: 'POST', headers: { origin } });
  expect(headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed');
});
