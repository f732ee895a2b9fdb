// What a route's limit promises, shown on routes made for the purpose.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createApp } from '#app/http/app.ts';
import { unauthenticated } from '#app/http/errors.ts';
import { limitHook } from '#app/http/limits/hook.ts';
import type { RouteLimit } from '#app/http/limits/policy.ts';
import { empty, json, open, reply, route, type Guard, type Route } from '#app/http/route.ts';
import { createLog } from '#app/log.ts';
import { openLimits, type Limits } from '#app/platform/limits/limits.ts';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { testSealing } from '../support/sealing.ts';
import { request, type Answer } from '../support/service.ts';

interface Somebody {
  readonly userId: string;
  readonly accountId: string | undefined;
}

/** Takes anybody at their word: `authorization: user account`. */
const atTheirWord: Guard<Somebody> = {
  scheme: 'bearer',
  async check({ headers }) {
    const [userId, accountId] = (headers.authorization ?? '').split(' ');
    if (userId === undefined || userId === '') throw unauthenticated();
    return { userId, accountId };
  },
};

const sharedCount = { name: 'exports', points: 3, per: 60 } as const;

const routes = [
  limited('/shared/one', undefined, open),
  limited('/shared/two', undefined, open),
  limited('/account', undefined),
  limited('/other-account', undefined),
  limited('/dear', { cost: 4 }),
  limited('/user', { points: 2, per: 60, by: 'user' }),
  limited('/exports/one', { ...sharedCount }),
  limited('/exports/two', { ...sharedCount, cost: 2 }),
  limited('/address', { points: 2, per: 3600, by: 'ip' }),
  limited('/pair', { points: 1, per: 60, by: ['account', 'ip'] }),
  limited('/both', [{ cost: 1 }, { name: 'daily', points: 2, per: 86_400 }]),
  limited('/twice', [
    { name: 'from', points: 100, per: 60, by: 'ip' },
    { name: 'who', points: 1, per: 60 },
  ]),
  limited('/by-name', { points: ({ userId }) => (userId === 'rich' ? Infinity : 1), per: 60 }),
  limited('/nothing', { points: () => 0, per: 60 }),
  limited('/refill', { points: 1, per: 1 }),
  limited('/free', false),
  limited('/strict', { points: 5, per: 60, by: 'ip', whenGone: 'refuse' }, open),
  limited('/lenient', { points: 5, per: 60, by: 'ip' }, open),
];

function limited(
  path: `/${string}`,
  limit: false | RouteLimit | readonly RouteLimit[] | undefined,
  guard: Guard<unknown> = atTheirWord,
): Route {
  return route({
    method: 'post',
    path,
    summary: 'Do something',
    guard,
    ...(limit !== undefined && { limit }),
    body: json(z.strictObject({})),
    answers: { 204: empty() },
    handler: async () => reply(204),
  });
}

const settings = {
  HOST: '127.0.0.1',
  PORT: 0,
  APP_ORIGIN: 'http://localhost:3000',
  CORS_ORIGINS: ['https://www.example.com'],
  TRUST_PROXY_HOPS: 1,
  SHUTDOWN_DELAY_MS: 0,
  RATE_LIMIT_POINTS: 10,
  RATE_LIMIT_ADDRESS_POINTS: 4,
  RATE_LIMIT_SECONDS: 30,
};
const lines: string[] = [];
const log = createLog({ LOG_LEVEL: 'warn' }, { write: (line: string) => void lines.push(line) });

let testDatabase: TestDatabase;
let proxy: Proxy;
let database: Database;
let limits: Limits;
let url = '';
const hookOf = (changes: object = {}) =>
  limitHook({ settings: { ...settings, ...changes }, log, sealing: testSealing, limits }, 10);
const groups = [{ name: 'test', routes }];
const server = createServer();
const addressOf = (listening: Server) =>
  `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  proxy = await openProxy(new URL(testDatabase.url));
  database = await openDatabase({
    settings: { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: 5 },
    sealing: testSealing,
  });
  limits = await openLimits({ log, database });
  const app = createApp({ settings, log, hooks: [hookOf()] }, groups);
  server.on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = addressOf(server);
});
afterAll(async () => {
  server.close();
  await limits.close();
  await database.close();
  await proxy.close();
  await testDatabase.drop();
});

let ranges = 0;
/** An address in a range that no other test calls from. */
function newAddress(host = 1): string {
  ranges += 1;
  return `10.0.${ranges}.${host}`;
}

interface Call {
  readonly as?: string;
  readonly from?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function call(
  path: string,
  { as, from = newAddress(), body = '{}', headers }: Call = {},
  at = url,
) {
  return request(at, path, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      ...(as !== undefined && { authorization: as }),
      ...headers,
    },
  });
}

async function statuses(path: string, count: number, given: Call = {}): Promise<number[]> {
  const all = [];
  for (let turn = 0; turn < count; turn += 1) all.push((await call(path, given)).status);
  return all;
}

const stated = ({ headers }: Answer) => ({
  policy: headers.get('ratelimit-policy'),
  // Seconds go by while a test runs.
  state: headers.get('ratelimit')?.replaceAll(/t=\d+/g, 't=…'),
});

test('headers say what the limit is, what is left of it, and until when', async () => {
  const first = await call('/account', { as: 'ann a1' });
  expect(first.status).toBe(204);
  expect(first.headers.get('ratelimit-policy')).toBe('"api";q=10;w=30');
  expect(first.headers.get('ratelimit')).toBe('"api";r=9;t=30');
  expect(first.headers.get('retry-after')).toBeNull();
  expect(stated(await call('/account', { as: 'ann a1' })).state).toBe('"api";r=8;t=…');
});

test('a call that is refused is told which limit it met, and when to come again', async () => {
  const answer = { status: 0 } as Answer;
  for (let turn = 0; turn < 11; turn += 1) {
    Object.assign(answer, await call('/account', { as: 'bob b1' }));
    expect(answer.status).toBe(turn < 10 ? 204 : 429);
  }
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Quota exceeded',
    status: 429,
    code: 'quota_exceeded',
    detail: 'The limit “api” is 10 points in 30 seconds.',
    instance: '/account',
    requestId: answer.headers.get('x-request-id'),
    'violated-policies': ['api'],
  });
  expect(answer.headers.get('ratelimit-policy')).toBe('"api";q=10;w=30');
  const [, seconds] = /^"api";r=0;t=(\d+)$/.exec(answer.headers.get('ratelimit') ?? '') ?? [];
  expect(answer.headers.get('retry-after')).toBe(seconds);
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(Number(seconds)).toBeLessThanOrEqual(30);
});

test('the headers are on every answer, whatever it is', async () => {
  const wrong = await call('/account', { as: 'cleo c1', body: '{"a":1}' });
  expect([wrong.status, stated(wrong).state]).toEqual([422, '"api";r=9;t=…']);
  const unparsable = await call('/account', { as: 'cleo c1', body: '{' });
  expect([unparsable.status, stated(unparsable).state]).toEqual([400, '"api";r=8;t=…']);
  const stranger = await call('/twice');
  expect([stranger.status, stated(stranger).state]).toEqual([401, '"from";r=99;t=…']);
});

test('scripts of other origins may read them', async () => {
  const { headers } = await call('/account', {
    as: 'dan d1',
    headers: { origin: 'https://www.example.com' },
  });
  const exposed = headers.get('access-control-expose-headers')?.split(',');
  expect(exposed).toEqual(
    expect.arrayContaining(['RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id']),
  );
});

test('routes that say nothing share one limit: of an account, or of an address range', async () => {
  expect(await statuses('/account', 6, { as: 'eve e1' })).not.toContain(429);
  // Another user of the account, from elsewhere.
  expect(await statuses('/other-account', 5, { as: 'fay e1' })).toEqual([204, 204, 204, 204, 429]);
  expect((await call('/other-account', { as: 'eve e2' })).status).toBe(204);

  const [from, neighbour] = ['10.1.1.1', '10.1.1.200'];
  expect(await statuses('/shared/one', 3, { from })).toEqual([204, 204, 204]);
  expect(await statuses('/shared/two', 2, { from: neighbour })).toEqual([204, 429]);
  expect((await call('/shared/two')).status).toBe(204);
});

test('somebody without an account is counted by the address', async () => {
  const from = newAddress();
  expect(await statuses('/account', 10, { as: 'gil', from })).not.toContain(429);
  expect((await call('/account', { as: 'hal', from })).status).toBe(429);
  expect((await call('/account', { as: 'gil' })).status).toBe(204);
});

test('a route can cost more of the limit that all share', async () => {
  expect(stated(await call('/dear', { as: 'ida i1' })).state).toBe('"api";r=6;t=…');
  expect(await statuses('/dear', 2, { as: 'ida i1' })).toEqual([204, 429]);
  // What is left is enough for those that cost less.
  expect(stated(await call('/dear', { as: 'ida i1' })).state).toBe('"api";r=2;t=…');
  expect(await statuses('/account', 3, { as: 'ida i1' })).toEqual([204, 204, 429]);
});

test('a limit of its own leaves the shared one alone', async () => {
  expect(await statuses('/user', 3, { as: 'jan j1' })).toEqual([204, 204, 429]);
  expect(stated(await call('/account', { as: 'jan j1' })).state).toBe('"api";r=9;t=…');
  expect(stated(await call('/user', { as: 'kim j1' }))).toEqual({
    policy: '"POST /user";q=2;w=60',
    state: '"POST /user";r=1;t=…',
  });
});

test('routes that name the same limit share its count', async () => {
  expect(stated(await call('/exports/one', { as: 'lea l1' })).state).toBe('"exports";r=2;t=…');
  expect(stated(await call('/exports/two', { as: 'lea l1' })).state).toBe('"exports";r=0;t=…');
  expect((await call('/exports/one', { as: 'lea l1' })).status).toBe(429);
});

test('by address: whoever asks, and before anybody is asked who it is', async () => {
  const from = newAddress();
  expect(await statuses('/address', 1, { as: 'mia m1', from })).toEqual([204]);
  // A stranger's call counts too, and is refused for that before it is for being one.
  expect(await statuses('/address', 2, { from })).toEqual([401, 429]);
  expect((await call('/address', { as: 'mia m1' })).status).toBe(204);
});

test('by several: each combination has a count of its own', async () => {
  const [home, office] = [newAddress(), newAddress()];
  expect(await statuses('/pair', 2, { as: 'nan n1', from: home })).toEqual([204, 429]);
  expect(await statuses('/pair', 2, { as: 'nan n1', from: office })).toEqual([204, 429]);
  expect((await call('/pair', { as: 'ole o1', from: home })).status).toBe(204);
});

test('of several limits all have to have room, and a refusal spends of none', async () => {
  expect(stated(await call('/both', { as: 'pia p1' }))).toEqual({
    policy: '"api";q=10;w=30, "daily";q=2;w=86400',
    state: '"api";r=9;t=…, "daily";r=1;t=…',
  });
  expect((await call('/both', { as: 'pia p1' })).status).toBe(204);
  const refused = await call('/both', { as: 'pia p1' });
  expect([refused.status, refused.body['violated-policies']]).toEqual([429, ['daily']]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  expect(stated(refused).state).toBe('"api";r=8;t=…, "daily";r=0;t=…');
  expect(stated(await call('/account', { as: 'pia p1' })).state).toBe('"api";r=7;t=…');
});

test('limits that are counted before and after the guard are told together', async () => {
  const from = newAddress();
  const { policy, state } = stated(await call('/twice', { as: 'quin q1', from }));
  expect(policy).toBe('"from";q=100;w=60, "who";q=1;w=60');
  expect(state).toBe('"from";r=99;t=…, "who";r=0;t=…');
  const refused = await call('/twice', { as: 'quin q1', from });
  expect([refused.status, stated(refused).state]).toEqual([429, '"from";r=98;t=…, "who";r=0;t=…']);
});

test('points can depend on who calls, and be without end', async () => {
  expect(await statuses('/by-name', 2, { as: 'poor r1' })).toEqual([204, 429]);
  const answer = await call('/by-name', { as: 'rich r2' });
  expect([answer.status, stated(answer).policy]).toEqual([204, null]);
  expect(await statuses('/by-name', 5, { as: 'rich r2' })).not.toContain(429);
  expect((await call('/nothing', { as: 'rich r2' })).status).toBe(429);
});

test('when the window has ended, all of the points are there again', async () => {
  const as = 'sue s1';
  expect((await call('/refill', { as })).status).toBe(204);
  await expect
    .poll(async () => (await call('/refill', { as })).status, { timeout: 10_000 })
    .toBe(204);
});

test('a route that says so is not limited', async () => {
  const answer = await call('/free', { as: 'tom t1' });
  expect(stated(answer)).toEqual({ policy: null, state: undefined });
  expect(await statuses('/free', 15, { as: 'tom t1' })).not.toContain(429);
});

test('whatever a client says it was forwarded for, its calls are counted by what the proxy saw', async () => {
  const from = newAddress();
  const forged = Array.from({ length: 6 }, (_, turn) => `198.51.${turn}.1, ${from}`);
  const answers = [];
  for (const each of forged) answers.push((await call('/shared/one', { from: each })).status);
  expect(answers).toEqual([204, 204, 204, 204, 429, 429]);
});

test('where no proxy is believed, all that one has forwarded is one caller’s, and the log warns', async () => {
  lines.splice(0);
  const unaware = { ...settings, TRUST_PROXY_HOPS: 0 };
  const hooks = [hookOf(unaware)];
  const listening = createServer(createApp({ settings: unaware, log, hooks }, groups));
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const answers = [];
  for (let turn = 0; turn < 6; turn += 1) {
    answers.push(await call('/shared/one', {}, addressOf(listening)));
  }
  listening.close();
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 429, 429]);
  expect(lines.filter((line) => line.includes('TRUST_PROXY_HOPS'))).toHaveLength(1);
});

test('of IPv6 addresses those count together that one customer has', async () => {
  const [one, other, stranger] = ['2001:db8:77:1::1', '2001:db8:77:fe::9', '2001:db8:77:100::1'];
  expect(await statuses('/shared/one', 3, { from: one })).toEqual([204, 204, 204]);
  expect(await statuses('/shared/one', 2, { from: other })).toEqual([204, 429]);
  expect((await call('/shared/one', { from: stranger })).status).toBe(204);
});

test('while nothing that counts for all can be reached, a route is open or closed as it says', async () => {
  await proxy.cut();
  const from = newAddress();
  const refused = await call('/strict', { from });
  expect([refused.status, refused.body.code]).toEqual([503, 'temporarily_unavailable']);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await statuses('/lenient', 6, { from })).toEqual([204, 204, 204, 204, 204, 429]);
  await proxy.restore();
  await expect.poll(async () => (await call('/strict')).status, { timeout: 10_000 }).toBe(204);
});

test.for<[string, RouteLimit | readonly RouteLimit[], Guard<unknown>?]>([
  ['half a point', { points: 0.5, per: 60 }],
  ['no length', { points: 1, per: 0 }],
  ['a call for nothing', { points: 1, per: 60, cost: 0 }],
  ['a call that costs more than there is', { points: 1, per: 60, cost: 2 }],
  ['nobody', { points: 1, per: 60, by: [] }],
  ['an account where nobody signs in', { points: 1, per: 60, by: 'account' }, open],
  ['a name with a quote in it', { name: 'a"b', points: 1, per: 60 }],
  [
    'one name twice',
    [
      { name: 'a', points: 1, per: 60 },
      { name: 'a', points: 2, per: 60 },
    ],
  ],
])('a limit with %s is refused at the start', ([, limit, guard]) => {
  expect(() => hookOf()(limited('/wrong', limit, guard))).toThrow('The limit of POST /wrong');
});

test('one name for two limits is refused at the start', () => {
  const hook = hookOf();
  hook(limited('/one', { name: 'same', points: 1, per: 60 }));
  hook(limited('/two', { name: 'same', points: 1, per: 60, cost: 1 }));
  expect(() => hook(limited('/three', { name: 'same', points: 2, per: 60 }))).toThrow(
    'The limit “same” of /three is another',
  );
});
