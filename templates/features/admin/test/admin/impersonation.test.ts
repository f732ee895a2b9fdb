// An operator acts in a customer's place: with the customer's rights and no more, and in everybody's
// sight.
import { decodeJwt } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { request, useService } from '../support/service.ts';
import {
  actsWith,
  begin,
  beginActing,
  impersonationsOf,
  newCustomer,
  reason,
} from './support/acting.ts';
import { signInAgain, signInOperator } from './support/operator.ts';
import { askWho } from '../support/users.ts';

const service = useService();

describe('to begin', () => {
  test('the operator says why, and gets a token of the customer’s that names both', async () => {
    const { operator, userId, header } = await beginActing(service);
    const claims = decodeJwt(header.authorization.slice('Bearer '.length));
    expect(claims).toMatchObject({ sub: userId, act: { sub: `admin:${operator.id}` } });
    expect((await askWho(service, header)).body.user.id).toBe(userId);

    const [row] = await impersonationsOf(service, operator);
    expect(claims['sid']).toBe(row?.id);
    const detail = { impersonationId: row?.id, reason };
    expect(await actsWith(service, 'impersonation.began', userId)).toEqual([
      { actor: `admin:${operator.id}`, detail },
    ]);
    expect(await actsWith(service, 'impersonation.token_issued', userId)).toHaveLength(1);
  });

  test.for([
    ['is too short', { reason: '   because   ', _confirm: 'on' }],
    ['is too long', { reason: 'x'.repeat(501), _confirm: 'on' }],
    ['is missing', { _confirm: 'on' }],
    ['is there, but not the consent', { reason }],
  ] as const)('nothing begins where the reason %s', async ([, form]) => {
    const operator = await signInOperator(service, 'support');
    const { userId } = await newCustomer(service);
    const { status, body } = await begin(operator, userId, form);
    expect(status).toBe(422);
    expect(body).toContain('aria-invalid="true"');
    expect(await impersonationsOf(service, operator)).toEqual([]);
  });

  test('the second factor is proved anew', async () => {
    const operator = await signInOperator(service, 'support', { stale: true });
    const { userId } = await newCustomer(service);
    const { status, body } = await begin(operator, userId);
    expect(status).toBe(403);
    expect(body).toContain('name="_code"');
    expect(await impersonationsOf(service, operator)).toEqual([]);
  });

  test('a role that may only read is refused, and that is recorded', async () => {
    const operator = await signInOperator(service, 'read-only');
    const { userId } = await newCustomer(service);
    expect((await operator.get(`/admin/customers/${userId}`)).body).not.toContain('impersonate"');
    expect((await begin(operator, userId)).status).toBe(403);
    expect(await actsWith(service, 'admin.denied', operator.id)).toMatchObject([
      { detail: { permission: 'customers.impersonate', reason: 'permission' } },
    ]);
    expect(await impersonationsOf(service, operator)).toEqual([]);
  });

  test('an operator is no subject, and neither is oneself', async () => {
    const operator = await signInOperator(service, 'owner');
    for (const { email } of [operator, await signInOperator(service, 'read-only')]) {
      const { userId } = await newCustomer(service);
      await service.database.connection.query('UPDATE users SET email = ? WHERE id = ?', [
        email,
        userId,
      ]);
      const { status, body } = await begin(operator, userId);
      expect(status).toBe(422);
      expect(body).toContain('Nobody may act in an operator’s place');
      expect(await actsWith(service, 'impersonation.denied', userId)).toEqual([
        { actor: `admin:${operator.id}`, detail: { reason: 'subject_is_operator' } },
      ]);
    }
    expect(await impersonationsOf(service, operator)).toEqual([]);
  });

  test('A3: an operator acts in all sessions at once, and begins no other in any', async () => {
    const { operator, userId: first } = await beginActing(service);
    const { userId } = await newCustomer(service);
    const again = await signInAgain(service, operator);
    for (const session of [operator, again]) {
      const { status, body } = await begin(session, userId);
      expect(status).toBe(403);
      expect(body).toContain('Not while you act in a customer’s place');
    }
    expect((await again.get('/admin/me')).body).toContain('You act as');
    expect(await actsWith(service, 'admin.denied', first)).toHaveLength(2);
    expect(await impersonationsOf(service, operator)).toHaveLength(1);

    expect((await again.post('/admin/impersonation/end')).status).toBe(303);
    expect((await operator.get('/admin/me')).body).not.toContain('You act as');
  });

  test('of ten at once one begins', async () => {
    const operator = await signInOperator(service, 'support');
    const tabs = await Promise.all(
      Array.from({ length: 10 }, () => signInAgain(service, operator)),
    );
    const { userId } = await newCustomer(service);
    await Promise.all(tabs.map((tab) => begin(tab, userId)));
    expect(await impersonationsOf(service, operator)).toHaveLength(1);
  });

  test('A1: the operator’s session goes on under another id, at the beginning and at the end', async () => {
    const operator = await signInOperator(service, 'support');
    const { userId } = await newCustomer(service);
    const before = operator.cookie();
    await begin(operator, userId);
    const during = operator.cookie();
    await operator.post('/admin/impersonation/end');
    expect(new Set([before, during, operator.cookie()]).size).toBe(3);
    for (const cookie of [before, during]) {
      const { status } = await service.get('/admin/me', { cookie });
      expect(status).toBe(303);
    }
    expect((await operator.get('/admin/me')).status).toBe(200);
  });
});

describe('while it runs', () => {
  test('A3: all else in the admin area is refused, and recorded with both ids', async () => {
    const { operator, userId } = await beginActing(service, 'owner');
    const other = await newCustomer(service);
    const { status, body } = await begin(operator, other.userId);
    expect(status).toBe(403);
    expect(body).toContain('Not while you act in a customer’s place');
    expect(await actsWith(service, 'admin.denied', userId)).toEqual([
      {
        actor: `admin:${operator.id}`,
        detail: { permission: 'customers.impersonate', reason: 'acting', actingFor: userId },
      },
    ]);
  });

  test('A3: what takes the customer in person is refused, and recorded with both ids', async () => {
    const { operator, userId, header } = await beginActing(service);
    const { status, body } = await service.post('/v1/auth/logout-all', {}, header);
    expect([status, body.code]).toEqual([403, 'only_in_person']);
    const detail = { method: 'POST', path: '/v1/auth/logout-all' };
    expect(await actsWith(service, 'user.act_denied', userId)).toEqual([
      { actor: `user:${userId}`, operator: `admin:${operator.id}`, detail },
    ]);
  });

  test('every log line names both', async () => {
    const { operator, userId, header } = await beginActing(service);
    const api = await askWho(service, header);
    const page = await operator.get('/admin/me');
    for (const [{ headers }, fields] of [
      [api, { userId, actorId: `admin:${operator.id}` }],
      [page, { operatorId: operator.id, actingFor: userId }],
    ] as const) {
      const requestId = headers.get('x-request-id');
      const lines = await vi.waitUntil(() => {
        const found = service.log.filter((line) => line['requestId'] === requestId);
        return found.length > 0 && found;
      });
      for (const line of lines) expect(line).toMatchObject(fields);
    }
  });

  test('every page of the admin area says so, and ends it', async () => {
    const { operator, customer } = await beginActing(service);
    for (const path of ['/admin', '/admin/me', '/admin/impersonation']) {
      const { body } = await operator.get(path);
      expect(body).toContain(`You act as <strong>${customer.email}</strong>`);
      expect(body).toContain('action="/admin/impersonation/end"');
    }
    expect((await operator.get('/admin/impersonation')).body).toContain(reason);
    await operator.post('/admin/impersonation/end');
    expect((await operator.get('/admin')).body).not.toContain('You act as');
  });

  test('the customer sees it among the sessions, and ends it', async () => {
    const acting = await beginActing(service);
    const { operator, customer, userId } = acting;
    const { body } = await service.get('/v1/auth/sessions', customer.authorization);
    const [seen] = body.sessions;
    expect(seen).toMatchObject({ current: false, ip: null });
    expect(seen.userAgent).toMatch(/ support$/);

    const { status } = await request(service.url, `/v1/auth/sessions/${seen.id}`, {
      method: 'DELETE',
      headers: customer.authorization,
    });
    expect(status).toBe(204);
    expect((await askWho(service, acting.header)).status).toBe(401);
    expect((await operator.post('/admin/impersonation/token')).status).toBe(422);
    await vi.waitFor(
      async () =>
        expect(await actsWith(service, 'impersonation.ended', userId)).toMatchObject([
          { actor: 'system', detail: { cause: 'session_ended' } },
        ]),
      20_000,
    );
  });
});
