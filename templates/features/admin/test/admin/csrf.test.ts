// What a browser sends by itself, a cookie, does nothing from another site or without a form's token.
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { request, useService } from '../support/service.ts';
import { cookiesOf, enrol, formTokenOn } from './support/enrolled.ts';

const frontend = 'https://www.example.com';
const service = useService({ CORS_ORIGINS: frontend });

const own = 'http://localhost:3000';
const origins = {
  'own origin': own,
  'other origin': 'https://evil.example.com',
  'null origin': 'null',
  'no origin': undefined,
} as const;

/** Whether a request with the right token is taken, by what the browser says of where it is from. */
const expected = {
  'same-origin': {
    'own origin': true,
    'other origin': true,
    'null origin': true,
    'no origin': true,
  },
  'same-site': {
    'own origin': false,
    'other origin': false,
    'null origin': false,
    'no origin': false,
  },
  'cross-site': {
    'own origin': false,
    'other origin': false,
    'null origin': false,
    'no origin': false,
  },
  none: { 'own origin': false, 'other origin': false, 'null origin': false, 'no origin': false },
  missing: { 'own origin': true, 'other origin': false, 'null origin': false, 'no origin': false },
} as const;

const sites = Object.keys(expected) as (keyof typeof expected)[];
const originNames = Object.keys(origins) as (keyof typeof origins)[];
const cases = sites.flatMap((site) =>
  originNames.map((name) => [site, name, expected[site][name]] as const),
);

let cookie = '';
let token = '';
let otherToken = '';
beforeAll(async () => {
  cookie = (await cookiesOf(service, await enrol(service))).session;
  token = formTokenOn(await service.get('/admin/me', { cookie }));
  const other = (await cookiesOf(service, await enrol(service))).session;
  otherToken = formTokenOn(await service.get('/admin/me', { cookie: other }));
});

test('each session has a token of its own', () => {
  expect(token).toMatch(/^[\w-]{43}$/);
});

test.for(cases)('A2: Sec-Fetch-Site %s with %s: taken is %s', async ([site, name, isTaken]) => {
  const headers = {
    ...(site !== 'missing' && { 'sec-fetch-site': site }),
    ...(origins[name] !== undefined && { origin: origins[name] }),
  };
  expect(await invite(headers, { _token: token })).toEqual(
    isTaken ? { status: 200, isDone: true } : { status: 403, isDone: false },
  );
  const wrongTokens = [{}, { _token: '' }, { _token: otherToken }, { _token: `${token}A` }];
  for (const fields of wrongTokens) {
    expect(await invite(headers, fields)).toEqual({ status: 403, isDone: false });
  }
});

test('an origin that may call the API reads no page, though the cookie comes along', async () => {
  for (const path of ['/admin/customers', '/admin/nothing', '/admin/sign-in']) {
    const { headers } = await service.get(path, { cookie, origin: frontend });
    expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
  const { headers } = await service.get('/v1/auth/sessions', { origin: frontend });
  expect(headers.get('access-control-allow-origin')).toBe(frontend);
});

/** Invites somebody, and looks whether it was done. */
async function invite(headers: Record<string, string>, fields: Record<string, string>) {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const { status } = await request(service.url, '/admin/operators/invite', {
    method: 'POST',
    headers: { cookie, ...headers },
    body: new URLSearchParams({ email, role: 'support', ...fields }),
  });
  const [rows] = await service.database.connection.query(
    'SELECT 1 FROM admin_users WHERE email = ?',
    [email],
  );
  return { status, isDone: (rows as unknown[]).length === 1 };
}
