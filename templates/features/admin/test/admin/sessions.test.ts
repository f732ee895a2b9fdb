// How long a session goes on, and what ends it.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { endSession } from '#app/domains/admin/sessions/end-sessions.ts';
import { endExpired } from '#app/domains/admin/sessions/pruning.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { cookiesOf, enrol, formTokenOn, fromOwnPage, sendForm } from './support/enrolled.ts';
import { signInOperator } from './support/operator.ts';

const service = useService();

test.for([
  ['was not used for 15 minutes', 'last_used_at = UTC_TIMESTAMP(3) - INTERVAL 15 MINUTE'],
  ['began 8 hours ago', 'expires_at = UTC_TIMESTAMP(3)'],
] as const)('A4: a session that %s shows nothing, and does nothing', async ([, change]) => {
  const operator = await signInOperator(service);
  const page = await operator.get('/admin/me');
  expect(page.status).toBe(200);
  await sql(`UPDATE admin_sessions SET ${change} WHERE id = ?`, operator.sessionId);

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
  await sql(
    'UPDATE admin_sessions SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL 14 MINUTE WHERE id = ?',
    operator.sessionId,
  );
  const end = await endOf(operator.sessionId);
  expect((await operator.get('/admin/me')).status).toBe(200);
  const idle = await sql(
    'SELECT TIMESTAMPDIFF(SECOND, last_used_at, UTC_TIMESTAMP(3)) AS idle FROM admin_sessions WHERE id = ?',
    operator.sessionId,
  );
  expect(Number(idle[0]?.['idle'])).toBeLessThan(60);
  expect(await endOf(operator.sessionId)).toEqual(end);
});

test('a session is kept as the hash of its token, and lasts 8 hours', async () => {
  const { session } = await cookiesOf(service, await enrol(service));
  const hash = createHash('sha256').update(session.replace('sid=', '')).digest();
  const [row] = await sql(
    'SELECT TIMESTAMPDIFF(MINUTE, created_at, expires_at) AS minutes FROM admin_sessions WHERE token_hash = ?',
    hash,
  );
  expect(row).toEqual({ minutes: 480 });
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

test('sessions that are over are removed, and the others stay', async () => {
  const [idle, expired, left, live] = [
    await signInOperator(service),
    await signInOperator(service),
    await signInOperator(service),
    await signInOperator(service),
  ];
  await sql(
    'UPDATE admin_sessions SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL 16 MINUTE WHERE id = ?',
    idle.sessionId,
  );
  await sql(
    'UPDATE admin_sessions SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?',
    expired.sessionId,
  );
  await sql('UPDATE admin_users SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', left.id);
  const database = await openDatabase({
    settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  await endExpired({ database, sessions: { end: endSession } });
  await database.close();

  const ids = [idle, expired, left, live].map(({ sessionId }) => sessionId);
  const there = await sql('SELECT id FROM admin_sessions WHERE id IN (?, ?, ?, ?)', ...ids);
  expect(there).toEqual([{ id: live.sessionId }]);
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

async function endOf(sessionId: string): Promise<unknown> {
  return (await sql('SELECT expires_at FROM admin_sessions WHERE id = ?', sessionId))[0]?.[
    'expires_at'
  ];
}

async function sql(
  text: string,
  ...values: (string | Buffer)[]
): Promise<Record<string, unknown>[]> {
  const [rows] = await service.database.connection.query(text, values);
  return rows as Record<string, unknown>[];
}
