import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();

describe('registering', () => {
  test('answers the user and never the password', async () => {
    const { status, body } = await service.post('/v1/auth/register', {
      email: 'Ada@Example.com',
      password: 'a good long password',
    });
    expect(status).toBe(201);
    expect(Object.keys(body.user).toSorted()).toEqual([
      'accountId',
      'createdAt',
      'email',
      'emailVerified',
      'id',
    ]);
    expect(body.user).toMatchObject({ email: 'ada@example.com', emailVerified: false });
    expect(Math.abs(Date.now() - Date.parse(body.user.createdAt))).toBeLessThan(60_000);
  });

  test('gives an address to one user only, whatever its case, even to twenty at once', async () => {
    const email = `${randomBytes(6).toString('hex')}@example.com`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        service.post('/v1/auth/register', {
          email: index % 2 === 0 ? email : email.toUpperCase(),
          password: 'a good long password',
        }),
      ),
    );
    // Each of them is a mail to that address, of which it does not get any number.
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(5);
    for (const { status } of answers) expect([201, 429]).toContain(status);
    const [rows] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT users.id FROM users JOIN accounts ON accounts.id = account_id WHERE accounts.name = ?',
      [email],
    );
    const ids = made.map(({ body }) => body.user.id);
    expect(rows).toHaveLength(1);
    expect(ids.filter((id) => id === rows[0]?.['id'])).toHaveLength(1);
    const [accounts] = await service.database.connection.query(
      'SELECT id FROM accounts WHERE name = ?',
      [email],
    );
    expect(accounts).toHaveLength(1);
  });

  test.for([
    ['no address', { password: 'a good long password' }, '#/email'],
    ['not an address', { email: 'ada', password: 'a good long password' }, '#/email'],
    ['a short password', { email: 'short@example.com', password: '1234567' }, '#/password'],
    [
      'a field that does not exist',
      { email: 'x@example.com', password: 'long enough', role: 'admin' },
      '#/role',
    ],
  ] as const)('refuses %s and says where', async ([, input, pointer]) => {
    const { status, body } = await service.post('/v1/auth/register', input);
    expect(status).toBe(422);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  });
});

describe('signing in', () => {
  test('gives a token that shows the user', async () => {
    const user = await signUp(service);
    const { status, body } = await service.get('/v1/auth/me', user.authorization);
    expect(status).toBe(200);
    expect(body.user.email).toBe(user.email);
  });

  test('answers alike for a wrong password and an unknown address', async () => {
    const { email } = await signUp(service);
    const password = 'not the password';
    const known = await service.post('/v1/auth/login', { email, password });
    const unknown = await service.post('/v1/auth/login', { email: 'who@example.com', password });
    expect(known.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect({ ...known.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });

  test('no token, a damaged one and another scheme are all refused', async () => {
    const { accessToken } = await signUp(service);
    const headers = [
      '',
      'Bearer',
      'Bearer x.y.z',
      `Bearer ${accessToken}x`,
      `Basic ${accessToken}`,
    ];
    for (const authorization of headers) {
      const { status, body } = await service.get('/v1/auth/me', { authorization });
      expect([authorization, status, body.code]).toEqual([authorization, 401, 'unauthenticated']);
    }
  });

  test('a password is stored as argon2id, never as it is', async () => {
    const { email, password } = await signUp(service);
    const [rows] = await service.database.connection.query('SELECT * FROM users WHERE email = ?', [
      email,
    ]);
    const stored = JSON.stringify(rows);
    expect(stored).toContain('$argon2id$v=19$');
    expect(stored).not.toContain(password);
  });
});

const refresh = (refreshToken: string) => service.post('/v1/auth/refresh', { refreshToken });

describe('refreshing', () => {
  test('gives a new pair, again and again', async () => {
    let { refreshToken } = await signUp(service);
    for (let turn = 0; turn < 3; turn += 1) {
      const { status, body } = await refresh(refreshToken);
      expect(status).toBe(200);
      expect(body.refreshToken).not.toBe(refreshToken);
      const me = await service.get('/v1/auth/me', { authorization: `Bearer ${body.accessToken}` });
      expect(me.status).toBe(200);
      refreshToken = body.refreshToken;
    }
  });

  test('J7: twenty times at once with one token gives one successor, and logs nobody out', async () => {
    const { refreshToken } = await signUp(service);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const successors = new Set(answers.map(({ body }) => body.refreshToken));
    expect(successors.size).toBe(1);
    expect((await refresh([...successors][0])).status).toBe(200);
  });

  test('J7: the token before the last one ends the session, and it stays ended', async () => {
    const { refreshToken: first } = await signUp(service);
    const second = (await refresh(first)).body.refreshToken;
    const third = (await refresh(second)).body.refreshToken;
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third)).status).toBe(401);
  });

  test('J7: a used token that comes back after the grace ends the session', async () => {
    const { refreshToken: first } = await signUp(service);
    const second = (await refresh(first)).body.refreshToken;
    await service.database.connection.query(
      'UPDATE refresh_tokens SET used_at = used_at - INTERVAL 11 SECOND WHERE used_at IS NOT NULL',
    );
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(401);
  });

  test('a token that is unknown, or too old, is refused', async () => {
    const { refreshToken } = await signUp(service);
    await service.database.connection.query(
      'UPDATE refresh_tokens SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND',
    );
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh('unknown')).status).toBe(401);
  });

  test('the database holds no token that could be used', async () => {
    const { refreshToken } = await signUp(service);
    const successor = (await refresh(refreshToken)).body.refreshToken;
    const [rows] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT * FROM refresh_tokens',
    );
    const stored = rows.flatMap((row) => Object.values(row).map(asHex)).join(' ');
    for (const token of [refreshToken, successor]) {
      expect(stored).not.toContain(asHex(token));
      expect(stored).not.toContain(asHex(Buffer.from(token, 'base64url')));
    }
  });
});

describe('logging out', () => {
  test('ends the session, and is safe to repeat', async () => {
    const { refreshToken } = await signUp(service);
    expect((await service.post('/v1/auth/logout', { refreshToken })).status).toBe(204);
    expect((await service.post('/v1/auth/logout', { refreshToken })).status).toBe(204);
    expect((await service.post('/v1/auth/refresh', { refreshToken })).status).toBe(401);
  });

  test('leaves the other sessions of the same user alone', async () => {
    const { email, password, refreshToken } = await signUp(service);
    const other = await service.post('/v1/auth/login', { email, password });
    await service.post('/v1/auth/logout', { refreshToken });
    const { status } = await service.post('/v1/auth/refresh', {
      refreshToken: other.body.refreshToken,
    });
    expect(status).toBe(200);
  });
});

function asHex(value: unknown): string {
  return Buffer.from(value instanceof Buffer ? value : String(value)).toString('hex');
}

test('no secret of all this is in the log', async () => {
  const user = await signUp(service);
  await service.post('/v1/auth/refresh', { refreshToken: user.refreshToken });
  await service.get(`/v1/auth/me?token=${user.accessToken}`, user.authorization);
  const log = JSON.stringify(service.log);
  expect(log).toContain('/v1/auth/me');
  for (const secret of [user.password, user.accessToken, user.refreshToken, user.email]) {
    expect(log).not.toContain(secret);
  }
});
