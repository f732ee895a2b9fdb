// Who acts in a user's place does what the user could, but nothing that takes the user in person.
import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, test, vi } from 'vitest';
import { actingFor, actor, changingRoutes } from './support/acting.ts';
import { describedRoutes } from './support/all-routes.ts';
import { factorClient, type FactorUser } from './support/factor-client.ts';
import { request, useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();
const { withFactor } = factorClient(service);

const password = 'another long password';

/** What each of them takes. */
const inPerson: Record<string, (user: FactorUser, sessionId: string) => object> = {
  'delete /v1/auth/sessions/{id}': (_user, id) => ({ id }),
  'delete /v1/auth/totp': (user) => ({ currentPassword: user.password, code: user.code() }),
  'post /v1/auth/email/change': (user) => ({
    currentPassword: user.password,
    email: `${randomUUID()}@example.com`,
  }),
  'post /v1/auth/logout-all': () => ({}),
  'post /v1/auth/password/change': (user) => ({ currentPassword: user.password, password }),
  'post /v1/auth/totp': (user) => ({ currentPassword: user.password }),
  'post /v1/auth/totp/confirm': (user) => ({ code: user.code() }),
  'post /v1/auth/totp/recovery-codes': (user) => ({
    currentPassword: user.password,
    code: user.code(),
  }),
};

test('each route of authentication that changes something is decided on', async () => {
  expect(await changingRoutes(service, 'auth')).toEqual({
    inPerson: Object.keys(inPerson),
    byProxy: ['post /v1/auth/email/resend'],
  });
});

test.for(Object.keys(inPerson))(
  'A3: %s is refused, recorded, and changes nothing',
  async (name) => {
    const user = await withFactor();
    const acting = await actingFor(service, user);
    const { body } = await service.get('/v1/auth/sessions', user.authorization);
    const [method = '', path = ''] = name.split(' ');
    const input = inPerson[name]?.(user, body.sessions[0].id);
    const before = await checksums();

    const answer = await request(service.url, path.replace('{id}', body.sessions[0].id), {
      method: method.toUpperCase(),
      headers: { 'content-type': 'application/json', ...acting },
      body: JSON.stringify(input),
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'only_in_person']);
    expect(await checksums()).toEqual(before);
    expect(await lastAct()).toEqual({
      actor: `user:${await idOf(user.authorization)}`,
      operator: actor,
      action: 'user.act_denied',
      detail: { method: method.toUpperCase(), path: path.replace('{id}', ':id') },
      requestId: answer.headers.get('x-request-id'),
    });
  },
);

test('A3: every route that takes the user in person refuses, whatever domain it is of', async () => {
  const acting = await actingFor(service, await signUp(service));
  const routes = (await describedRoutes(service)).filter(({ isInPerson }) => isInPerson);
  expect(routes.length).toBeGreaterThanOrEqual(Object.keys(inPerson).length);
  for (const { method, path } of routes) {
    const answer = await request(service.url, path.replaceAll(/\{\w+\}/g, randomUUID()), {
      method: method.toUpperCase(),
      headers: acting,
    });
    expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'only_in_person']);
    expect(await lastAct()).toMatchObject({ operator: actor, action: 'user.act_denied' });
  }
});

test('all the rest is as open as to the user', async () => {
  const acting = await actingFor(service, await signUp(service));
  const routes = await describedRoutes(service, 'auth');
  const rest = routes.filter(({ takesUser, isInPerson }) => takesUser && !isInPerson);
  expect(rest.map(({ path }) => path)).toContain('/v1/auth/me');
  for (const { method, path } of rest) {
    const answer = await request(service.url, path, {
      method: method.toUpperCase(),
      headers: acting,
    });
    expect([path, answer.status]).toEqual([path, method === 'get' ? 200 : 202]);
  }
});

test('what is changed in a user’s place is recorded with both, and what is looked at is not', async () => {
  const user = await signUp(service);
  const acting = await actingFor(service, user);
  const changed = await service.post('/v1/auth/email/resend', {}, acting);
  expect((await actsIn(changed.headers))[0]).toEqual({
    actor: `user:${await idOf(user.authorization)}`,
    operator: actor,
    action: 'user.acted',
    detail: { method: 'POST', path: '/v1/auth/email/resend' },
  });
  const looked = await service.get('/v1/auth/me', acting);
  expect(await actsIn(looked.headers)).toEqual([]);
});

test('every log line of such a request names both', async () => {
  const user = await signUp(service);
  const acting = await actingFor(service, user);
  const userId = await idOf(user.authorization);
  for (const [method, path] of [
    ['GET', '/v1/auth/me'],
    ['POST', '/v1/auth/logout-all'],
  ]) {
    const { headers } = await request(service.url, path ?? '', {
      method: method ?? '',
      headers: acting,
    });
    const requestId = headers.get('x-request-id');
    const lines = await vi.waitUntil(() => {
      const found = service.log.filter((line) => line['requestId'] === requestId);
      return found.length > 0 && found;
    });
    for (const line of lines) expect(line).toMatchObject({ userId, actorId: actor });
  }
});

async function idOf(authorization: { authorization: string }): Promise<string> {
  return (await service.get('/v1/auth/me', authorization)).body.user.id;
}

/** Of all that a user can change, whoever's it is. */
async function checksums(): Promise<unknown> {
  const [rows] = await service.database.connection.query(
    'CHECKSUM TABLE users, sessions, refresh_tokens, email_tokens, totp_factors, recovery_codes',
  );
  return rows;
}

/** What was recorded in the request that was answered with these headers. */
async function actsIn(headers: Headers): Promise<unknown[]> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT actor, operator, action, detail FROM audit_log WHERE request_id = ? ORDER BY id',
    [headers.get('x-request-id')],
  );
  return rows.map(({ actor: user, operator, action, detail }) => {
    return { actor: user, operator, action, detail: JSON.parse(String(detail)) };
  });
}

async function lastAct(): Promise<unknown> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT actor, operator, action, detail, request_id AS requestId FROM audit_log ORDER BY id DESC LIMIT 1',
  );
  const [act] = rows;
  return { ...act, detail: JSON.parse(String(act?.['detail'])) };
}
