// Every route of the admin area, those of tomorrow too: who is not signed in, may not, sends no token
// or acts in a customer's place gets nowhere, and every page has its headers.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { exportForm } from '#app/domains/admin/pages/audit/export-route.ts';
import { pages } from '#app/domains/admin/pages/list.ts';
import { addressOf } from '#app/domains/admin/pages/page-routes.ts';
import { may, roleNames } from '#app/domains/admin/roles.ts';
import { adminRoutes } from '#app/domains/admin/router.ts';
import type { Services } from '#app/lifecycle.ts';
import { request, testSettings, useService, type Answer } from '../support/service.ts';
import { signUp } from '../support/users.ts';
import { auditOf, formTokenOn, fromOwnPage } from './support/enrolled.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { sessionTables } from './support/stored-sessions.ts';

const service = useService({ APP_ORIGIN: 'https://app.example.com' });

/** For who is not signed in. Each has tests of its own. */
const open = new Set([
  'get /admin/assets/admin.css',
  'get /admin/assets/htmx.js',
  'get /admin/sign-in',
  'post /admin/sign-in',
  'get /admin/invitation',
  'post /admin/invitation',
]);

const guard = { check: async () => undefined };
const guards = { visitor: guard, anyOperator: guard, page: () => guard, action: () => guard };
const settings = testSettings({ url: 'mysql://nobody@127.0.0.1/nothing' });
const routes = adminRoutes({ settings, admin: { guards } } as unknown as Services);
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
/** For who is signed in. */
const closed = routes.filter((each) => !open.has(nameOf(each)));
const gets = closed.filter(({ method }) => method === 'get');
const posts = closed.filter(({ method }) => method === 'post');

/** What needs a permission. */
const shown = Object.values(pages).map((page) => ({
  method: 'get',
  path: addressOf(page),
  permission: page.permission,
}));
const actions = [
  ...Object.values(pages).flatMap((page) =>
    Object.entries(page.actions ?? {}).map(([name, action]) => ({
      method: 'post',
      path: `${addressOf(page)}/${name}`,
      permission: action.permission,
      whileActing: action.whileActing,
    })),
  ),
  { ...exportForm, method: 'post', path: '/admin/audit/export' },
];

interface Known {
  readonly id: string;
  readonly cookie: string;
}
/** By role. */
const operators = new Map<string, Known>();
beforeAll(async () => {
  for (const role of roleNames) {
    operators.set(role, known(await signInOperator(service, role)));
  }
});

test('each page and each action is a route, none is documented, and errors are pages', () => {
  const names = routes.map(nameOf);
  expect(names).toEqual(expect.arrayContaining([...open, ...[...shown, ...actions].map(nameOf)]));
  expect(routes.map(({ method }) => method)).not.toContain('delete');
  expect(closed.length).toBe(gets.length + posts.length);
  // Whoever is signed in may sign out.
  const decided = [...actions.map(({ path }) => path), '/admin/sign-out'];
  expect(posts.map(({ path }) => path).toSorted()).toEqual(decided.toSorted());
  expect(routes.filter(({ undocumented }) => undocumented !== true)).toEqual([]);
  const others = routes.filter(({ path }) => !path.startsWith('/admin/assets/'));
  expect(others.filter(({ errorPage }) => errorPage === undefined).map(nameOf)).toEqual([]);
});

test.for(gets)('who is not signed in does not see $path', async ({ path }) => {
  const answer = await send('GET', path);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin/sign-in']);
  expect(answer.body).not.toContain('<nav');
});

test.for(posts)('who is not signed in does not do $path', async ({ path }) => {
  const answer = await send('POST', path, { headers: fromOwnPage });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin/sign-in']);
});

test.for(posts)('$path takes no form without the token of the session', async (action) => {
  const { cookie } = operator('owner');
  const answer = await send('POST', action.path, { headers: { ...fromOwnPage, cookie } });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('does not belong to your session');
});

test.for(roleNames)('role %s: what it may not is refused and recorded', async (role) => {
  const { id, cookie } = operator(role);
  const refused = [...shown, ...actions].filter(({ permission }) => !may(role, permission));
  for (const { method, path, permission } of refused) {
    const answer = await send(method === 'get' ? 'GET' : 'POST', path, {
      headers: { ...fromOwnPage, cookie },
    });
    expect([path, answer.status]).toEqual([path, 403]);
    expect((await auditOf(service, 'admin.denied')).at(-1)).toMatchObject({
      actor: `admin:${id}`,
      detail: { permission, reason: 'permission' },
    });
  }
});

test('an owner may everything, and read-only changes nothing but the own sign-in', () => {
  const all = [...shown, ...actions].map(({ permission }) => permission);
  expect(all.filter((permission) => !may('owner', permission))).toEqual([]);
  const changes = actions.map(({ permission }) => permission);
  const given = changes.filter((permission) => may('read-only', permission));
  expect(given.filter((permission) => !/^own\.|\.read$/.test(permission))).toEqual([]);
  expect(may('support', 'operators.change')).toBe(false);
});

test('while acting in a customer’s place an operator does only what is marked for that', async () => {
  const { id, cookie } = await act();
  for (const { path, permission, whileActing } of actions) {
    if (whileActing === true) continue;
    const answer = await send('POST', path, { headers: { ...fromOwnPage, cookie } });
    expect([path, answer.status]).toEqual([path, 403]);
    expect(answer.body).toContain('Not while you act');
    const { detail, actor } = (await auditOf(service, 'admin.denied')).at(-1) ?? {};
    expect(actor).toBe(`admin:${id}`);
    expect(detail).toMatchObject({ permission, reason: 'acting', actingFor: expect.any(String) });
  }
  const token = formTokenOn(await send('GET', '/admin/me', { headers: { cookie } }));
  const out = await send('POST', '/admin/sign-out', {
    headers: { ...fromOwnPage, cookie },
    body: new URLSearchParams({ _token: token }),
  });
  expect(out.status).toBe(303);
});

test('looking at every page changes nothing', async () => {
  const { cookie } = operator('owner');
  const before = await checksums();
  for (const { path } of [...gets, { path: '/admin/sign-in' }, { path: '/admin/invitation' }]) {
    await send('GET', path, { headers: { cookie } });
  }
  expect(await checksums()).toEqual(before);
});

test('every page has its headers, and a nonce that no other answer has', async () => {
  const { cookie } = operator('owner');
  const nonces: string[] = [];
  const paths = [...shown, { path: '/admin/*rest' }].map(({ path }) => path);
  for (const path of [...paths, ...paths]) {
    const { status, headers, body } = await send('GET', path, { headers: { cookie } });
    expect([path, 200, 404]).toContain(status);
    expectHeaders(headers);
    const policy = headers.get('content-security-policy') ?? '';
    const allowed = matches(policy, /'nonce-([^']+)' 'strict-dynamic'/g);
    expect([path, ...matches(body, /<script[^>]* nonce="([^"]+)"/g)]).toEqual([path, ...allowed]);
    expect(matches(body, /(<script)/g)).toHaveLength(allowed.length);
    expect(body).not.toMatch(/ style=| on\w+="/);
    nonces.push(...allowed);
  }
  expect(nonces.length).toBeGreaterThan(2);
  expect(new Set(nonces).size).toBe(nonces.length);
});

test.for(['/admin/sign-in', '/admin/invitation?token=x', '/admin'])(
  'what a stranger sees at %s runs no script',
  async (path) => {
    const { headers, body } = await send('GET', path);
    expectHeaders(headers);
    expect(headers.get('content-security-policy')).not.toContain('script-src');
    expect(body).not.toContain('<script');
  },
);

test('what the pages load is kept by browsers, and is there', async () => {
  const { cookie } = operator('owner');
  const { body } = await send('GET', '/admin/me', { headers: { cookie } });
  const urls = matches(body, /"(\/admin\/assets\/[^"]+)"/g).map((url) => url.replace('&#61;', '='));
  expect(urls.map((url) => url.split('?')[0])).toEqual([
    '/admin/assets/admin.css',
    '/admin/assets/htmx.js',
  ]);
  for (const url of urls) {
    const answer = await send('GET', url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(String(answer.body).length).toBeGreaterThan(1000);
  }
});

/** The cookie has another name over https. */
function known(signedIn: SignedInOperator): Known {
  return { id: signedIn.id, cookie: `__Host-${signedIn.cookie()}` };
}

function operator(role: string): Known {
  const found = operators.get(role);
  if (found === undefined) throw new Error(`There is no operator with the role ${role}`);
  return found;
}

/** Sends a request to a path, with something for each of its parameters. */
function send(
  method: 'GET' | 'POST',
  path: string,
  init: { headers?: Record<string, string>; body?: URLSearchParams } = {},
): Promise<Answer> {
  const filled = path.replaceAll(/:\w+/g, randomUUID()).replace('*rest', 'nothing/here');
  const body = method === 'POST' ? (init.body ?? new URLSearchParams({ a: 'b' })) : undefined;
  return request(service.url, filled, {
    method,
    headers: init.headers ?? {},
    ...(body && { body }),
  });
}

function matches(text: unknown, pattern: RegExp): string[] {
  return [...String(text).matchAll(pattern)].map(([, match = '']) => match);
}

/** An operator who acts in the place of somebody. */
async function act(): Promise<Known> {
  const signedIn = await signInOperator(service);
  await signUp(service);
  await service.database.connection.execute(
    `INSERT INTO impersonations (id, admin_id, admin_session_id, user_id, reason, expires_at)
     SELECT id, ?, ?, user_id, 'to see what they see', UTC_TIMESTAMP(3) + INTERVAL 30 MINUTE
     FROM sessions LIMIT 1`,
    [signedIn.id, signedIn.sessionId],
  );
  return known(signedIn);
}

function expectHeaders(headers: Headers): void {
  expect(headers.get('strict-transport-security')).toContain('max-age=63072000');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'.*object-src 'none'/,
  );
}

/** Those that note that an instance, or an operator, is still there. */
const notes = new Set(['instances', ...sessionTables]);

/** Of every other table. */
async function checksums(): Promise<unknown> {
  const { connection } = service.database;
  const [tables] = await connection.query('SHOW TABLES');
  const names = (tables as Record<string, string>[])
    .flatMap((row) => Object.values(row))
    .filter((name) => !notes.has(name));
  const [rows] = await connection.query(
    `CHECKSUM TABLE ${names.map((name) => `\`${name}\``).join(', ')}`,
  );
  return rows;
}
