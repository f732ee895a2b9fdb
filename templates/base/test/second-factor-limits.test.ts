// A second factor keeps strangers out, and not the owner of the address.
import { createHash } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { authenticator } from './support/authenticator.ts';
import { factorClient } from './support/factor-client.ts';
import { tokenIn } from './support/mailed-links.ts';
import { mailTo } from './support/sent-mail.ts';
import { useService, type Answer } from './support/service.ts';
import { signUpVerified, type SignedInUser } from './support/users.ts';

const service = useService();
const { begin, login, post, withFactor } = factorClient(service);

/** Sets a new password by mail. */
async function resetByMail(user: SignedInUser, mails: number): Promise<Answer> {
  await service.post('/v1/auth/password/forgot', { email: user.email });
  const token = tokenIn(await mailTo(service.mailFolder, user.email, mails));
  return service.post('/v1/auth/password/reset', { token, password: 'another long password' });
}

describe('a password that is reset by mail', () => {
  test('takes away what was set up before anybody had proved the address', async () => {
    const user = await withFactor();
    await service.database.connection.query(
      'UPDATE users SET email_verified_at = NULL WHERE email = ?',
      [user.email],
    );
    expect((await resetByMail(user, 3)).status).toBe(200);
    const owner = { ...user, password: 'another long password' };
    expect((await login(owner)).status).toBe(200);
    const [left] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT c.user_id FROM recovery_codes c JOIN users u ON u.id = c.user_id WHERE u.email = ?',
      [user.email],
    );
    expect(left).toEqual([]);
  });

  test('leaves the app of an owner who had proved it: a mailbox alone is not enough', async () => {
    const user = await withFactor();
    expect((await resetByMail(user, 3)).status).toBe(200);
    const owner = { ...user, password: 'another long password' };
    const { status, body } = await login(owner);
    expect([status, body.code]).toEqual([401, 'second_factor_required']);
    expect((await login(owner, { code: user.code() })).status).toBe(200);
  });
});

const countWrong = (answers: Answer[]) => answers.filter(({ status }) => status === 401).length;

describe('many known devices', () => {
  test('have ten codes together, and a stranger with the password uses none of them up', async () => {
    const user = await withFactor();
    const tokens: string[] = [];
    for (const recoveryCode of user.recoveryCodes.slice(0, 4)) {
      tokens.push((await login(user, { recoveryCode })).body.deviceToken);
    }
    const guess = (deviceToken?: string) => login(user, { code: '000000', deviceToken });
    const strangers = await Promise.all(Array.from({ length: 8 }, () => guess()));
    const devices = await Promise.all(
      [...tokens, ...tokens, ...tokens, ...tokens].map((token) => guess(token)),
    );
    expect([countWrong(strangers), countWrong(devices)]).toEqual([5, 10]);
  });

  test('are strangers once a second factor is set up, but for the one that did it', async () => {
    const user = await signUpVerified(service);
    const other = (await login(user)).body.deviceToken;
    const { body: own } = await login(user);
    const asking = { ...user, authorization: { authorization: `Bearer ${own.accessToken}` } };
    const code = authenticator(await begin(asking));
    await post(asking, '/v1/auth/totp/confirm', { code: code() });
    const [rows] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT HEX(token_hash) AS hash FROM known_devices d JOIN users u ON u.id = d.user_id WHERE u.email = ?',
      [user.email],
    );
    const hashes = rows.map(({ hash }) => String(hash).toLowerCase());
    expect(hashes).toEqual([createHash('sha256').update(own.deviceToken).digest('hex')]);
    expect(hashes).not.toContain(createHash('sha256').update(other).digest('hex'));
  });
});
