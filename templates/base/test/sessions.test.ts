import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test, vi } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { exchange } from '#app/domains/auth/sessions/refresh-tokens.ts';
import { useHashCount } from './support/hash-count.ts';
import { testSealing } from './support/sealing.ts';
import { type Answer, request, useService } from './support/service.ts';
import { signUp, type SignedInUser } from './support/users.ts';

const hashes = useHashCount();
const service = useService();

const login = ({ email, password }: SignedInUser, headers: Record<string, string> = {}) =>
  service.post('/v1/auth/login', { email, password }, headers);
const refresh = (refreshToken: string) => service.post('/v1/auth/refresh', { refreshToken });
const list = async ({ authorization }: Pick<SignedInUser, 'authorization'>) =>
  (await service.get('/v1/auth/sessions', authorization)).body.sessions;
const end = ({ authorization }: Pick<SignedInUser, 'authorization'>, id: string) =>
  request(service.url, `/v1/auth/sessions/${id}`, { method: 'DELETE', headers: authorization });

describe('the list of sessions', () => {
  test('says where and when each began, and which one asks', async () => {
    const user = await signUp(service);
    const phone = await login(user, { 'user-agent': 'Phone '.repeat(60) });
    const sessions = await list(user);
    expect(sessions).toHaveLength(2);
    expect(sessions.map((session: { current: boolean }) => session.current)).toEqual([false, true]);
    expect(sessions[0].userAgent).toBe('Phone '.repeat(60).slice(0, 255));
    expect(sessions[0].ip).toBe('127.0.0.1');

    await refresh(phone.body.refreshToken);
    const [used, unused] = await list(user);
    expect(used.lastUsedAt > used.createdAt).toBe(true);
    expect(unused.lastUsedAt).toBe(unused.createdAt);
  });

  test('leaves out what has ended, by a sign-out or by itself', async () => {
    const user = await signUp(service);
    const idle = await login(user);
    const old = await login(user);
    const out = await login(user);
    await service.post('/v1/auth/logout', { refreshToken: out.body.refreshToken });
    const [, oldId, idleId] = (await list(user)).map(({ id }: { id: string }) => id);
    expect(await list(user)).toHaveLength(3);
    expect([idle.status, old.status]).toEqual([200, 200]);

    await service.database.connection.query(
      'UPDATE sessions SET created_at = created_at - INTERVAL 8 DAY WHERE id = ?',
      [idleId],
    );
    await service.database.connection.query(
      'UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?',
      [oldId],
    );
    expect(await list(user)).toHaveLength(1);
  });
});

describe('ending a session', () => {
  test("ends it and no other, and never another user's", async () => {
    const user = await signUp(service);
    const other = await signUp(service);
    const phone = await login(user);
    const [{ id }] = await list(user);

    expect((await end(other, id)).status).toBe(404);
    expect((await refresh(phone.body.refreshToken)).status).toBe(200);
    expect((await end(user, id)).status).toBe(204);
    expect((await end(user, id)).status).toBe(404);
    expect((await refresh(phone.body.refreshToken)).status).toBe(401);
    expect((await refresh(user.refreshToken)).status).toBe(200);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  test('that cannot be one is a 404, and without a token it takes none', async () => {
    const user = await signUp(service);
    expect((await end(user, 'not-an-id')).status).toBe(404);
    expect((await end(user, '01890000-0000-7000-8000-000000000000')).status).toBe(404);
    const { status } = await request(service.url, '/v1/auth/sessions/x', { method: 'DELETE' });
    expect(status).toBe(401);
  });

  test('everywhere ends all of the user, at once for access tokens too', async () => {
    const user = await signUp(service);
    const other = await signUp(service);
    const phone = await login(user);
    const { status } = await service.post('/v1/auth/logout-all', undefined, user.authorization);
    expect(status).toBe(204);
    for (const token of [user.refreshToken, phone.body.refreshToken]) {
      expect((await refresh(token)).status).toBe(401);
    }
    for (const token of [user.accessToken, phone.body.accessToken]) {
      const authorization = `Bearer ${token}`;
      expect((await service.get('/v1/auth/me', { authorization })).status).toBe(401);
    }
    expect((await service.get('/v1/auth/me', other.authorization)).status).toBe(200);
  });

  test('and what found a stolen token are in the audit log', async () => {
    const user = await signUp(service);
    const phone = await login(user);
    const [{ id }] = await list(user);
    await end(user, id);
    const tablet = await login(user);
    const next = await refresh(tablet.body.refreshToken);
    await refresh(next.body.refreshToken);
    await refresh(tablet.body.refreshToken);
    await service.post('/v1/auth/logout-all', undefined, user.authorization);
    expect(phone.status).toBe(200);

    const { body } = await service.get('/v1/auth/me', (await signedInAgain(user)).authorization);
    const [acts] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT actor, action, subject FROM audit_log WHERE ? IN (actor, subject) ORDER BY id',
      [`user:${body.user.id}`],
    );
    const me = `user:${body.user.id}`;
    expect(acts.filter(({ action }) => /session|everywhere/.test(action))).toEqual([
      { actor: me, action: 'user.session_ended', subject: me },
      { actor: 'system', action: 'session.ended_as_stolen', subject: me },
      { actor: me, action: 'user.signed_out_everywhere', subject: me },
    ]);
  });
});

async function signedInAgain(user: SignedInUser) {
  const { body } = await login(user);
  return { authorization: { authorization: `Bearer ${body.accessToken}` } };
}

test('J7: a stolen token that comes back ends the session, and its access token at once', async () => {
  const user = await signUp(service);
  const second = (await refresh(user.refreshToken)).body;
  const third = (await refresh(second.refreshToken)).body;
  expect((await refresh(user.refreshToken)).status).toBe(401);
  for (const token of [user.accessToken, third.accessToken]) {
    const authorization = `Bearer ${token}`;
    expect((await service.get('/v1/auth/me', { authorization })).status).toBe(401);
  }
});

test('a session ends after thirty days, however often it is refreshed', async () => {
  const { email, refreshToken } = await signUp(service);
  const { connection } = service.database;
  const [[session]] = await connection.query<RowDataPacket[]>(
    `SELECT s.id, TIMESTAMPDIFF(HOUR, s.created_at, s.expires_at) AS hours
     FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?`,
    [email],
  );
  expect(session?.['hours']).toBe(30 * 24);
  const next = await refresh(refreshToken);
  expect(next.status).toBe(200);
  await connection.query('UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [
    session?.['id'],
  ]);
  expect((await refresh(next.body.refreshToken)).status).toBe(401);
});

test('a refresh is at most four statements in one transaction', async () => {
  const { refreshToken } = await signUp(service);
  const settings = { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 };
  const database = await openDatabase({ settings, sealing: testSealing });
  const revocations = {
    has: () => false,
    problem: undefined,
    add: () => {},
    close: async () => {},
  };
  /** What the only connection has been asked so far, this question included. */
  const asked = async (): Promise<number> => {
    const [rows] = await database.pool.query<RowDataPacket[]>(
      "SHOW SESSION STATUS LIKE 'Questions'",
    );
    return Number(rows[0]?.['Value']);
  };
  const before = await asked();
  const grant = await database.transaction((tx) => exchange(tx, refreshToken, revocations));
  const statements = (await asked()) - before - 1;
  await database.close();

  expect(grant?.refreshToken).toBeDefined();
  const aroundThem = ['START TRANSACTION', 'COMMIT'];
  expect(statements - aroundThem.length).toBeLessThanOrEqual(4);
});

/** Changes the stored password while a sign-in has seen the one before, and answers that sign-in. */
async function loginDuringChange(user: SignedInUser, passwordHash: string): Promise<Answer> {
  const { connection } = service.database;
  await connection.beginTransaction();
  await connection.query('UPDATE users SET password_hash = ? WHERE email = ?', [
    passwordHash,
    user.email,
  ]);
  hashes.ended = 0;
  const answer = login(user);
  await vi.waitFor(() => expect(hashes.ended).toBe(1), 10_000);
  await connection.commit();
  return answer;
}

test('a sign-in with a password that is being changed begins no session', async () => {
  const user = await signUp(service);
  const passwordHash = await openPasswords({ NODE_ENV: 'test' }).hash('another long password');
  expect((await loginDuringChange(user, passwordHash)).status).toBe(401);
  const [sessions] = await service.database.connection.query(
    'SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?',
    [user.email],
  );
  expect(sessions).toHaveLength(1);
});

test('a sign-in whose password is being hashed anew goes through', async () => {
  const user = await signUp(service);
  const passwordHash = await openPasswords({ NODE_ENV: 'test' }).hash(user.password);
  expect((await loginDuringChange(user, passwordHash)).status).toBe(200);
});
