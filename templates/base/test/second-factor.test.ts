import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { totpPurpose, useCode } from '#app/domains/auth/second-factor/prove-factor.ts';
import {
  renewRecoveryCodes,
  useRecoveryCode,
} from '#app/domains/auth/second-factor/recovery-codes.ts';
import { createLog } from '#app/log.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { authenticator } from './support/authenticator.ts';
import { factorClient } from './support/factor-client.ts';
import { testSealing } from './support/sealing.ts';
import { mailTo } from './support/sent-mail.ts';
import { useService } from './support/service.ts';
import { signUp, signUpVerified } from './support/users.ts';

const service = useService();

const { begin, login, post, remove, withFactor } = factorClient(service);

describe('setting up an authenticator app', () => {
  test('takes the password, and guards nothing before its first code', async () => {
    const user = await signUpVerified(service);
    const refused = await post(user, '/v1/auth/totp', { currentPassword: 'a wrong password' });
    expect([refused.status, refused.body.code]).toEqual([422, 'wrong_password']);

    const { body } = await post(user, '/v1/auth/totp', { currentPassword: user.password });
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(body.url).toContain(`secret=${body.secret}&`);
    expect(body.url).toContain(encodeURIComponent(user.email));
    expect((await login(user)).status).toBe(200);
  });

  test('takes an address that is verified', async () => {
    const user = await signUp(service);
    const begun = await post(user, '/v1/auth/totp', { currentPassword: user.password });
    const confirmed = await post(user, '/v1/auth/totp/confirm', { code: '123456' });
    for (const { status, body } of [begun, confirmed]) {
      expect([status, body.code]).toEqual([403, 'email_not_verified']);
    }
  });

  test('begun again, it takes the last secret, and confirmed, no other', async () => {
    const user = await signUpVerified(service);
    const first = authenticator(await begin(user));
    const second = authenticator(await begin(user));
    const wrong = await post(user, '/v1/auth/totp/confirm', { code: first() });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_code']);
    expect((await post(user, '/v1/auth/totp/confirm', { code: second() })).status).toBe(200);

    const again = await post(user, '/v1/auth/totp', { currentPassword: user.password });
    expect([again.status, again.body.code]).toEqual([409, 'second_factor_exists']);
    const twice = await post(user, '/v1/auth/totp/confirm', { code: second() });
    expect([twice.status, twice.body.code]).toEqual([409, 'second_factor_exists']);
  });

  test('without having begun there is nothing to confirm, to remove or to renew', async () => {
    const user = await signUpVerified(service);
    const { password: currentPassword } = user;
    for (const answer of [
      await post(user, '/v1/auth/totp/confirm', { code: '123456' }),
      await remove(user, { currentPassword, code: '123456' }),
      await post(user, '/v1/auth/totp/recovery-codes', { currentPassword, code: '123456' }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'no_second_factor']);
    }
  });

  test('gives ten recovery codes, and the database tells neither them nor the secret', async () => {
    const user = await withFactor();
    expect(new Set(user.recoveryCodes).size).toBe(10);
    for (const code of user.recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const { connection } = service.database;
    const [factors] = await connection.query<RowDataPacket[]>('SELECT * FROM totp_factors');
    const [codes] = await connection.query<RowDataPacket[]>('SELECT * FROM recovery_codes');
    const stored = [...factors, ...codes]
      .flatMap((row) => Object.values(row).map((value) => Buffer.from(String(value)).toString()))
      .join(' ');
    for (const secret of [user.secret, ...user.recoveryCodes]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(secret.replaceAll('-', ''));
    }
  });

  test('ends the other sessions, keeps its own, tells the user by mail and is in the audit log', async () => {
    const user = await signUpVerified(service);
    const other = (await login(user)).body;
    const code = authenticator(await begin(user));
    await post(user, '/v1/auth/totp/confirm', { code: code() });
    const authorization = `Bearer ${other.accessToken}`;
    expect((await service.get('/v1/auth/me', { authorization })).status).toBe(401);
    const me = await service.get('/v1/auth/me', user.authorization);
    expect(me.status).toBe(200);

    const mail = await mailTo(service.mailFolder, user.email, 2);
    expect(mail.subject).toBe('An authenticator app is set up');
    const [acts] = await service.database.connection.query<RowDataPacket[]>(
      "SELECT action FROM audit_log WHERE actor = ? AND action NOT IN ('user.registered', 'user.email_verified')",
      [`user:${me.body.user.id}`],
    );
    expect(acts).toEqual([{ action: 'user.second_factor_enabled' }]);
  });
});

describe('signing in with a second factor', () => {
  test('takes a code, and says so to who knows the password alone', async () => {
    const user = await withFactor();
    const without = await login(user);
    expect([without.status, without.body.code]).toEqual([401, 'second_factor_required']);
    const wrong = await login({ ...user, password: 'a wrong password' });
    const wrongWithCode = await login(
      { ...user, password: 'a wrong password' },
      { code: user.code() },
    );
    for (const { status, body } of [wrong, wrongWithCode]) {
      expect([status, body.code]).toEqual([401, 'invalid_credentials']);
    }
    expect((await login(user, { code: user.code() })).status).toBe(200);
  });

  test('A8: a code is good once, and no older one after it', async () => {
    const user = await withFactor();
    const [now, before] = [user.code(), user.code(1)];
    expect((await login(user, { code: now })).status).toBe(200);
    for (const code of [now, before]) {
      const { status, body } = await login(user, { code });
      expect([status, body.code]).toEqual([401, 'invalid_code']);
    }
  });

  test('A8: of twenty sign-ins at once with one code, one goes through', async () => {
    const user = await withFactor();
    const code = user.code();
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(user, { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 401, 429]).toContain(status);
  });

  test('a code that is wrong counts, whatever the password: five, then the next has to wait', async () => {
    const user = await withFactor();
    const wrong = Array.from({ length: 8 }, (_, index) => login(user, { code: `00000${index}` }));
    const statuses = (await Promise.all(wrong)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    const refused = await login(user, { code: user.code() });
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
  });

  test('a recovery code stands in for it once, however it is typed, and the user is told', async () => {
    const user = await withFactor();
    const [first = '', second = ''] = user.recoveryCodes;
    expect((await login(user, { recoveryCode: first })).status).toBe(200);
    const again = await login(user, { recoveryCode: first });
    expect([again.status, again.body.code]).toEqual([401, 'invalid_code']);
    const typed = ` ${second.toLowerCase().replaceAll('-', ' ')}`;
    expect((await login(user, { recoveryCode: typed })).status).toBe(200);
    const mail = await mailTo(service.mailFolder, user.email, 4);
    expect(mail.subject).toBe('A recovery code was used');
  });

  test("takes no recovery code of another user, and no code of another user's app", async () => {
    const user = await withFactor();
    const other = await withFactor();
    const [recoveryCode] = other.recoveryCodes;
    expect((await login(user, { recoveryCode })).status).toBe(401);
    expect((await login(user, { code: other.code() })).status).toBe(401);
  });

  test.for([{ code: '12345' }, { code: 'abcdef' }, { code: '123456', recoveryCode: 'AAAA' }])(
    'refuses %o before it looks at anything',
    async (proof) => {
      const user = await signUpVerified(service);
      expect((await login(user, proof)).status).toBe(422);
    },
  );
});

describe('changing the second factor', () => {
  test('removing it takes the password and a code; then the password is enough again', async () => {
    const user = await withFactor();
    const { password: currentPassword } = user;
    const wrongPassword = await remove(user, {
      currentPassword: 'a wrong password',
      code: user.code(),
    });
    const wrongCode = await remove(user, { currentPassword, code: '000000' });
    expect([wrongPassword.status, wrongCode.status]).toEqual([422, 401]);
    expect((await remove(user, { currentPassword })).status).toBe(422);
    expect((await login(user)).status).toBe(401);

    expect((await remove(user, { currentPassword, code: user.code() })).status).toBe(204);
    expect((await login(user)).status).toBe(200);
    const mail = await mailTo(service.mailFolder, user.email, 3);
    expect(mail.subject).toBe('The authenticator app is removed');
    const [left] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT c.user_id FROM recovery_codes c JOIN users u ON u.id = c.user_id WHERE u.email = ?',
      [user.email],
    );
    expect(left).toEqual([]);
  });

  test('new recovery codes are in place of the old ones, and a recovery code is enough for them', async () => {
    const user = await withFactor();
    const [used, old] = user.recoveryCodes;
    const { status, body } = await post(user, '/v1/auth/totp/recovery-codes', {
      currentPassword: user.password,
      recoveryCode: used,
    });
    expect(status).toBe(200);
    expect(body.recoveryCodes).toHaveLength(10);
    expect((await login(user, { recoveryCode: old })).status).toBe(401);
    expect((await login(user, { recoveryCode: body.recoveryCodes[0] })).status).toBe(200);
  });
});

const twenty = (use: () => Promise<boolean>) =>
  Promise.all(Array.from({ length: 20 }, () => use()));

test('A8: of twenty transactions at once that use one code, one does, and so with a recovery code', async () => {
  const user = await signUpVerified(service);
  const { body } = await service.get('/v1/auth/me', user.authorization);
  const userId: string = body.user.id;
  const settings = {
    NODE_ENV: 'test',
    DATABASE_URL: service.database.url,
    DATABASE_POOL_SIZE: 20,
    KEYRING_SECRET: randomBytes(32).toString('base64url'),
    SEALING_KEY_FILE: '',
  };
  const database = await openDatabase({ settings, sealing: testSealing });
  const sealing = await openSealing({ settings, log: createLog({ LOG_LEVEL: 'silent' }) });
  // RFC 6238, appendix B.
  const rfcSecret = Buffer.from('12345678901234567890').toString('base64url');
  const [time, code] = [1_234_567_890, '005924'];
  const sealedSecret = sealing.seal(totpPurpose(userId), rfcSecret);
  const factor = { userId, time, sealedSecret };
  await service.database.connection.query(
    'INSERT INTO totp_factors (user_id, sealed_secret) VALUES (?, ?)',
    [userId, sealedSecret],
  );
  const [recoveryCode = ''] = await database.transaction((tx) =>
    renewRecoveryCodes(tx, sealing, userId),
  );

  const byCode = await twenty(() =>
    database.transaction((tx) => useCode(tx, sealing, factor, code)),
  );
  const byRecoveryCode = await twenty(() =>
    database.transaction((tx) => useRecoveryCode(tx, sealing, userId, recoveryCode)),
  );
  await database.close();
  expect(byCode.filter(Boolean)).toHaveLength(1);
  expect(byRecoveryCode.filter(Boolean)).toHaveLength(1);
});
