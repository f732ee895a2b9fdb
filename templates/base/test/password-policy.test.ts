import { argon2Sync, randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import {
  openPasswordPolicy,
  type PasswordPolicy,
} from '#app/domains/auth/account/password-policy.ts';
import { upgradePassword } from '#app/domains/auth/account/password-upgrade.ts';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { service } from '#app/service.ts';
import { testSealing } from './support/sealing.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const backend = useService();

describe('a password that is chosen', () => {
  let policy: PasswordPolicy;
  beforeAll(async () => {
    policy = await openPasswordPolicy();
  });
  const email = 'ada.lovelace@example.com';

  test.for(['password', 'PassWord1', 'jennifer', 'business', 'iloveyou', 'ｐａｓｓｗｏｒｄ'])(
    'is refused where it is among the first to be tried: %s',
    (password) => {
      expect(() => policy.check(password, email)).toThrow('Many people use this password');
    },
  );

  test.for([
    'Password1!',
    'Passw0rd!',
    'P@$$w0rd',
    'password2026',
    'letmein123',
    'admin123456',
    'Welcome123!',
    'M0nkey!!!',
    '1etmein99',
    '1l0vey0u',
    'Pass@123',
    '123password',
    '!Password1',
    'passwordpassword',
    'Password-Password1',
    'pass-word',
  ])('is refused where it differs from one of those as everybody’s does: %s', (password) => {
    expect(() => policy.check(password, email)).toThrow('Many people use this password');
  });

  test.for([
    'qwertyuiop',
    '1q2w3e4r5t',
    '123456789!',
    '0987654321',
    'abcdefgh',
    'abcd12345',
    '1qaz@WSX',
    '112233445566',
    'a123456789',
  ])('is refused where it is a sequence: %s', (password) => {
    expect(() => policy.check(password, email)).toThrow('the order of keys');
  });

  test.for(['19850412', '01022003!', '#31121999#'])(
    'is refused where it is a date: %s',
    (password) => {
      expect(() => policy.check(password, email)).toThrow('up to eight digits');
    },
  );

  test.for(['xyxyxyx2026!', '!!qzqzqz99'])(
    'is refused where it is a few characters again and again: %s',
    (password) => {
      expect(() => policy.check(password, email)).toThrow('a few characters again and again');
    },
  );

  test.for(['abababab', ' '.repeat(8), 'zxzxzxzxzxzxzxzxzx', 'yYyYyYyYyY!', '4'.repeat(100)])(
    'is refused where it is made of fewer than five characters: %s',
    (password) => {
      // A service may have one of them for its name.
      expect(() => policy.check(password, email)).toThrow(
        /fewer than 5|again and again|Many people|name of this service/,
      );
    },
  );

  test.for([service.name, `${service.name.toUpperCase()}!`])(
    'is refused where it is the name of the service: %s',
    (password) => {
      expect(() => policy.check(password, email)).toThrow('name of this service');
    },
  );

  test.for([email, 'Ada.Lovelace@Example.com', 'ada.lovelace', 'Ada.Lovelace1815'])(
    'is refused where it is the user’s own address: %s',
    (password) => {
      expect(() => policy.check(password, email)).toThrow('your own address');
    },
  );

  test.for([
    'correct horse battery staple',
    'violet-tractor-93-lamp',
    'x7k!qwer',
    '42198715monkey48151623',
    'qmwnebrvtcyx',
    'hkfzoqgwudpa',
    'monkey 48151623421987',
    'пароль из слов',
    '🔑🚪🪟🧱 8',
  ])('is taken whatever characters it is made of: %s', (password) => {
    expect(() => policy.check(password, email)).not.toThrow();
  });

  test.for([
    ['seven characters', 'x7k!qpz', 422],
    ['eight characters', 'x7k!qpzw', 201],
    ['four, each with an accent of its own', 'e\u0301'.repeat(4), 422],
    ['a hundred and twenty-eight', 'k7qzw4xp'.repeat(16), 201],
    ['one more', `${'k7qzw4xp'.repeat(16)}x`, 422],
    ['one that everybody has', 'sunshine', 422],
  ] as const)('of %s is answered by its place and the reason', async ([, password, expected]) => {
    const address = `${randomBytes(6).toString('hex')}@example.com`;
    const { status, body } = await backend.post('/v1/auth/register', { email: address, password });
    expect(status).toBe(expected);
    if (status !== 422) return;
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0].pointer).toBe('#/password');
    expect(body.errors[0].detail).toMatch(/characters|Many people/);
  });

  test('is the same however its characters are encoded', async () => {
    const address = `${randomBytes(6).toString('hex')}@example.com`;
    await backend.post('/v1/auth/register', {
      email: address,
      password: 'cafe\u0301 \uFB01n de rue',
    });
    const { status } = await backend.post('/v1/auth/login', {
      email: address,
      password: 'caf\u00E9 fin de rue',
    });
    expect(status).toBe(200);
  });
});

test.for(['development', 'production'] as const)(
  'in %s a password is hashed with the work that OWASP asks for',
  async (NODE_ENV) => {
    const passwords = openPasswords({ NODE_ENV });
    const hash = await passwords.hash('correct horse battery staple');
    expect(hash).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(await passwords.verify('correct horse battery staple', hash)).toBe(true);
    expect(await passwords.verify('correct horse battery stapler', hash)).toBe(false);
    expect(passwords.needsRehash(hash)).toBe(false);
  },
);

describe('a password that is stored by weaker parameters', () => {
  test('is stored by today’s when its user signs in, and not for a wrong one', async () => {
    const user = await signUp(backend);
    const weak = await weaken(user);
    const login = (password: string) =>
      backend.post('/v1/auth/login', { email: user.email, password });

    expect((await login('not the password')).status).toBe(401);
    expect((await stored(user.email)).passwordHash).toBe(weak);
    expect((await login(user.password)).status).toBe(200);
    const { passwordHash } = await stored(user.email);
    expect(passwordHash).toContain('$argon2id$v=19$m=64,t=1,p=1$');
    expect((await login(user.password)).status).toBe(200);
    expect((await stored(user.email)).passwordHash).toBe(passwordHash);
  });

  test('does not come back over one that was set meanwhile', async () => {
    const user = await signUp(backend);
    const { id, passwordHash: newer } = await stored(user.email);
    const database = await openDatabase({
      settings: { DATABASE_URL: backend.database.url, DATABASE_POOL_SIZE: 1 },
      sealing: testSealing,
    });
    const seen = { id, passwordHash: weakHash(user.password) };
    await upgradePassword(
      { database, passwords: openPasswords({ NODE_ENV: 'test' }) },
      seen,
      user.password,
    );
    await database.close();
    expect((await stored(user.email)).passwordHash).toBe(newer);
  });
});

async function stored(email: string) {
  const [[row]] = await backend.database.connection.query<RowDataPacket[]>(
    'SELECT id, password_hash AS hash FROM users WHERE email = ?',
    [email],
  );
  return { id: String(row?.['id']), passwordHash: String(row?.['hash']) };
}

async function weaken(user: { email: string; password: string }) {
  const hash = weakHash(user.password);
  await backend.database.connection.query('UPDATE users SET password_hash = ? WHERE email = ?', [
    hash,
    user.email,
  ]);
  return hash;
}

function weakHash(password: string): string {
  const salt = randomBytes(16);
  const parameters = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 };
  const hash = argon2Sync('argon2id', { message: password, nonce: salt, ...parameters });
  const [saltText, hashText] = [salt, hash].map((bytes) =>
    bytes.toString('base64').replaceAll('=', ''),
  );
  return `$argon2id$v=19$m=8,t=1,p=1$${saltText}$${hashText}`;
}
