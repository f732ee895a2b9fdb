// How long a session goes on, and what ends it.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { adminSignInRequired } from '#app/domains/admin/errors.ts';
import type { Operator } from '#app/domains/admin/operator.ts';
import type { AdminSessionStore } from '#app/domains/admin/sessions/session-store.ts';
import { openAdminSessions } from '#app/domains/admin/sessions/sessions.ts';
import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { cookiesOf, enrol, formTokenOn, fromOwnPage, sendForm } from './support/enrolled.ts';
import { signInOperator } from './support/operator.ts';
import { expire, leaveUnused, openStore, timesOf } from './support/stored-sessions.ts';

const service = useService();
const noSession = adminSignInRequired().kind;

test.for([
  ['was not used for 15 minutes', (id: string) => leaveUnused(service, id, 15 * 60)],
  ['began 8 hours ago', (id: string) => expire(service, id)],
] as const)('A4: a session that %s shows nothing, and does nothing', async ([, change]) => {
  const operator = await signInOperator(service);
  const page = await operator.get('/admin/me');
  expect(page.status).toBe(200);
  await change(operator.sessionId);

  const shown = await operator.get('/admin/me');
  const signIn = '/admin/sign-in?done=session-ended';
  expect([shown.status, shown.headers.get('location')]).toEqual([303, signIn]);
  expect((await operator.get(signIn)).body).toContain('Your session has ended');
  const email = `${operator.sessionId.slice(0, 8)}@example.com`;
  const fields = { _token: formTokenOn(page), email, role: 'owner' };
  const done = await operator.post('/admin/operators/invite', fields);
  expect([done.status, done.headers.get('location')]).toEqual([303, signIn]);
  expect(await sql('SELECT 1 FROM admin_users WHERE email = ?', email)).toEqual([]);
});

test('using a session keeps it going, but not beyond its end', async () => {
  const operator = await signInOperator(service);
  const begun = await timesOf(service, operator.sessionId);
  await leaveUnused(service, operator.sessionId, 14 * 60);
  expect((await operator.get('/admin/me')).status).toBe(200);
  const used = await timesOf(service, operator.sessionId);
  expect(used?.lastUsedAt.getTime()).toBeGreaterThanOrEqual(begun?.lastUsedAt.getTime() ?? NaN);
  expect(used?.endsAt).toEqual(begun?.endsAt);
});

test('a session is kept as the hash of its token, and lasts 8 hours', async () => {
  const { session } = await cookiesOf(service, await enrol(service));
  const hash = createHash('sha256').update(session.replace('sid=', '')).digest();
  await withStore(async ({ store, database }) => {
    const found = await store.find(database.queries, hash);
    const times = found && (await timesOf(service, found.id));
    const lasts = Number(times?.endsAt) - Number(found?.createdAt);
    expect(Math.round(lasts / 1000)).toBe(8 * 60 * 60);
  });
});

test('a role that is taken away in the database is gone at the next request', async () => {
  const operator = await signInOperator(service, 'owner');
  const invited = () =>
    operator.post('/admin/operators/invite', {
      email: `${operator.id.slice(0, 8)}@example.com`,
      role: 'support',
    });
  expect((await invited()).status).toBe(200);
  await sql("UPDATE admin_users SET role = 'support' WHERE id = ?", operator.id);
  expect((await invited()).status).toBe(403);
});

test('who is disabled has no session from then on', async () => {
  const operator = await signInOperator(service);
  await sql('UPDATE admin_users SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', operator.id);
  expect((await operator.get('/admin/me')).status).toBe(303);
});

test('what one session shows carries no token of another', async () => {
  const [one, other] = [await signInOperator(service), await signInOperator(service)];
  const token = formTokenOn(await one.get('/admin/me'));
  const answer = await other.post('/admin/me/renew-codes', { _token: token });
  expect(answer.status).toBe(403);
});

test('a cookie of another name, or two of this one, open nothing', async () => {
  const operator = await enrol(service);
  const { session } = await cookiesOf(service, operator);
  const token = session.replace('sid=', '');
  for (const cookie of [`refresh=${token}`, `sid=other; sid=${token}`, `xsid=${token}`]) {
    expect((await service.get('/admin/me', { cookie })).status).toBe(303);
  }
  const hidden = await sendForm(service, `/admin/me/renew-codes?sid=${token}`, {}, fromOwnPage);
  expect(hidden.status).toBe(303);
});

test('an emergency ends the sessions of all operators', async () => {
  const operators = [await signInOperator(service), await signInOperator(service)];
  await withStore(({ database }) => endAllSessions(database, 'operator:test'));
  for (const operator of operators) expect((await operator.get('/admin/me')).status).toBe(303);
});

test('who lost a session while a form was still being sent has nothing done by it', async () => {
  const operator = await signInOperator(service);
  const email = `${operator.sessionId.slice(0, 8)}@example.com`;
  const token = formTokenOn(await operator.get('/admin/me'));
  const body = new URLSearchParams({ _token: token, email, role: 'owner' }).toString();
  // The guard notes that the session is in use, and so shows that it has let the request in.
  await leaveUnused(service, operator.sessionId, 120);
  const before = await lastUseOf(operator.sessionId);
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    [
      'POST /admin/operators/invite HTTP/1.1',
      'Host: localhost:3000',
      'Connection: close',
      'Sec-Fetch-Site: same-origin',
      `Cookie: ${operator.cookie()}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '\r\n',
    ].join('\r\n'),
  );
  await expect.poll(() => lastUseOf(operator.sessionId), { timeout: 10_000 }).not.toEqual(before);
  await sql('UPDATE admin_users SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', operator.id);
  socket.write(body);

  expect(await text(socket)).toMatch(
    /^HTTP\/1\.1 303 (?:.|\r\n)*\r\nLocation: \/admin\/sign-in\?done=session-ended\r\n/,
  );
  expect(await sql('SELECT 1 FROM admin_users WHERE email = ?', email)).toEqual([]);
});

test('a token that was exchanged for another is not exchanged once more', async () => {
  const { id } = await signInOperator(service);
  await withStore(async ({ database, store }) => {
    const revocations = { add: () => {} };
    const settings = { APP_ORIGIN: 'http://localhost:3000' };
    const deps = { settings, database, sealing: testSealing, auth: { revocations } };
    const sessions = openAdminSessions({ ...deps, adminSessionStore: store });
    const cookie = await database.transaction((tx) =>
      sessions.begin(tx, id, { ip: '192.0.2.1', userAgent: undefined }),
    );
    const request = { headers: { cookie: cookie.split(';')[0] } } as GuardRequest;
    const operator = await sessions.find(request);
    if (operator === undefined) throw new Error('The session that has just begun is not there');
    const renew = (from: Operator) => database.transaction((tx) => sessions.renew(tx, from, true));

    const { formToken } = await renew(operator);
    await expect(renew(operator)).rejects.toThrow(expect.objectContaining({ kind: noSession }));
    expect(await renew({ ...operator, formToken })).toMatchObject({ cookie: expect.any(String) });
  });
});

async function lastUseOf(sessionId: string): Promise<Date | undefined> {
  return (await timesOf(service, sessionId))?.lastUsedAt;
}

/** Does something with the store, and a connection of the test's own. */
async function withStore(
  work: (parts: { store: AdminSessionStore; database: Database }) => Promise<unknown>,
): Promise<void> {
  const database = await openDatabase({
    settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  const store = await openStore(service);
  try {
    await work({ store, database });
  } finally {
    await store.close();
    await database.close();
  }
}

async function sql(statement: string, ...values: string[]): Promise<Record<string, unknown>[]> {
  const [rows] = await service.database.connection.query(statement, values);
  return rows as Record<string, unknown>[];
}
