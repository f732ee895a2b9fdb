// An impersonation ends with whatever it stands on, and its access tokens in every process with it.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openAdminSessions } from '#app/domains/admin/sessions/sessions.ts';
import { prune } from '#app/domains/auth/pruning.ts';
import { openDatabase } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ownVariables, startService, testSettings, type TestService } from '../support/service.ts';
import {
  actsWith,
  begin,
  beginActing,
  impersonationsOf,
  tokenOf,
  type AccessHeader,
  type Acting,
} from './support/acting.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { expire, leaveUnused, openStore, removeSessions } from './support/stored-sessions.ts';
import { askWho } from '../support/users.ts';

let database: TestDatabase;
let service: TestService;
let elsewhere: TestService;

// Two processes of one service.
beforeAll(async () => {
  const shared = await ownVariables();
  database = await createTestDatabase();
  service = await startService(database, shared);
  elsewhere = await startService(database, shared);
});
afterAll(async () => {
  await service.stop();
  await elsewhere.stop();
  await database.drop();
});

const statusOf = async (where: TestService, header: AccessHeader) =>
  (await askWho(where, header)).status;

async function refusedEverywhere({ header }: Acting): Promise<void> {
  for (const each of [service, elsewhere]) {
    await vi.waitFor(async () => expect(await statusOf(each, header)).toBe(401), 20_000);
  }
}

describe('it ends', () => {
  test('when the operator ends it, at once here and a moment later elsewhere', async () => {
    const acting = await beginActing(service);
    const { operator, userId } = acting;
    // So long ago that only its last use tells the others to look for it.
    await database.connection.query(
      'UPDATE sessions SET created_at = created_at - INTERVAL 25 MINUTE WHERE user_id = ?',
      [userId],
    );
    expect(await statusOf(elsewhere, acting.header)).toBe(200);
    const { status, headers } = await operator.post('/admin/impersonation/end');
    expect([status, headers.get('location')]).toEqual([303, '/admin/impersonation?done=end']);
    expect(await statusOf(service, acting.header)).toBe(401);
    await refusedEverywhere(acting);
    const [row] = await impersonationsOf(service, operator);
    const detail = { impersonationId: row?.id, operator: `admin:${operator.id}`, cause: 'ended' };
    expect(await actsWith(service, 'impersonation.ended', userId)).toEqual([
      { actor: `admin:${operator.id}`, detail },
    ]);
    expect((await begin(operator, userId)).status).toBe(303);
  });

  test('after half an hour, and its tokens no later than that', async () => {
    const acting = await beginActing(service);
    const { operator, userId } = acting;
    const [row] = await impersonationsOf(service, operator);
    const id = row?.id ?? '';
    const [[length]] = await database.connection.query<never[]>(
      `SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) AS seconds FROM impersonations
       WHERE id = ?`,
      [id],
    );
    expect(length).toEqual({ seconds: 1800 });

    await endsIn(id, 60);
    const { iat = 0, exp = 0 } = decodeJwt(await tokenOf(operator));
    expect(exp - iat).toBeGreaterThan(0);
    expect(exp - iat).toBeLessThanOrEqual(60);

    await endsIn(id, -1);
    expect(await tokenOf(operator)).toBe('');
    expect((await operator.get('/admin')).body).not.toContain('You act as');
    await refusedEverywhere(acting);
    expect(await actsWith(service, 'impersonation.ended', userId)).toMatchObject([
      { actor: 'system', detail: { cause: 'expired' } },
    ]);
  });

  test('when the operator signs out, at once here', async () => {
    const acting = await beginActing(service);
    expect((await acting.operator.post('/admin/sign-out')).status).toBe(303);
    expect(await statusOf(service, acting.header)).toBe(401);
    await refusedEverywhere(acting);
  });

  test.for(['end', 'endAllOf'] as const)(
    'with the operator’s own session, in the same transaction: %s',
    async (how) => {
      const acting = await beginActing(service);
      const { operator, userId } = acting;
      const parts = await openParts();
      const of = how === 'end' ? operator.sessionId : operator.id;
      await parts.database.transaction((tx) => parts.sessions[how](tx, of));
      await parts.close();

      expect(await impersonationsOf(service, operator)).toEqual([
        { id: expect.any(String), endedAt: expect.any(Date) },
      ]);
      expect(await actsWith(service, 'impersonation.ended', userId)).toMatchObject([
        { actor: 'system', detail: { cause: 'right_lost' } },
      ]);
      await refusedEverywhere(acting);
    },
  );

  test.for([
    ['is disabled', ({ id }) => change(id, 'disabled_at = UTC_TIMESTAMP(3)')],
    ['may do so no more', ({ id }) => change(id, "role = 'read-only'")],
    ['has no session any more', ({ id }) => removeSessions(service, id)],
    ['has not used the session for long', ({ sessionId }) => leaveUnused(service, sessionId, 901)],
    ['has a session that has expired', ({ sessionId }) => expire(service, sessionId)],
  ] satisfies [string, (operator: SignedInOperator) => Promise<void>][])(
    'when the operator %s',
    async ([, lose]) => {
      const acting = await beginActing(service);
      const { operator, userId } = acting;
      await lose(operator);
      expect(await tokenOf(operator)).toBe('');
      await refusedEverywhere(acting);
      expect(await actsWith(service, 'impersonation.ended', userId)).toMatchObject([
        { actor: 'system', detail: { operator: `admin:${operator.id}`, cause: 'right_lost' } },
      ]);
    },
  );

  test('when the customer becomes an operator', async () => {
    const acting = await beginActing(service);
    const { email } = await signInOperator(service);
    await database.connection.query('UPDATE users SET email = ? WHERE id = ?', [
      email,
      acting.userId,
    ]);
    await refusedEverywhere(acting);
    expect(await actsWith(service, 'impersonation.ended', acting.userId)).toHaveLength(1);
  });

  test('when the customer signs out everywhere', async () => {
    const acting = await beginActing(service);
    await service.post('/v1/auth/logout-all', {}, acting.customer.authorization);
    expect(await statusOf(service, acting.header)).toBe(401);
    await refusedEverywhere(acting);
    expect(await tokenOf(acting.operator)).toBe('');
  });
});

test('what was done in a customer’s place stays known when the session is forgotten', async () => {
  const { operator } = await beginActing(service);
  const [row] = await impersonationsOf(service, operator);
  await database.connection.query(
    'UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 11 DAY WHERE id = ?',
    [row?.id],
  );
  const parts = await openParts();
  await prune(parts.database);
  await parts.close();
  const [left] = await database.connection.query('SELECT id FROM sessions WHERE id = ?', [row?.id]);
  expect(left).toEqual([]);
  expect(await impersonationsOf(service, operator)).toHaveLength(1);
});

async function change(operatorId: string, what: string): Promise<void> {
  await database.connection.query(`UPDATE admin_users SET ${what} WHERE id = ?`, [operatorId]);
}

async function endsIn(id: string, seconds: number): Promise<void> {
  await database.connection.query(
    `UPDATE impersonations SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE id = ?`,
    [seconds, id],
  );
}

/** The admin area's sessions in a process of their own, which tells nobody what it ends. */
async function openParts() {
  const settings = testSettings(database, { SEALING_KEY_FILE: service.sealingKeyFile });
  const log = createLog({ LOG_LEVEL: 'silent' });
  const sealing = await openSealing({ settings, log });
  const opened = await openDatabase({ settings, sealing });
  const auth = { revocations: { add: () => {} } };
  const store = await openStore(service);
  const deps = { settings, sealing, database: opened, auth, adminSessionStore: store };
  return {
    database: opened,
    sessions: openAdminSessions(deps),
    async close() {
      await store.close();
      await opened.close();
    },
  };
}
