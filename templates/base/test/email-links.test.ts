// What holds for every link in a mail.
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { accountClient, newAddress, purposes, sortedStatuses } from './support/account-client.ts';
import { linkIn, tokenIn } from './support/mailed-links.ts';
import { sendRaw } from './support/raw-http.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService({ APP_ORIGIN: 'https://app.example.com' });
const client = accountClient(service);

describe.for(purposes)('a link to %s', (purpose) => {
  test('works once, even for twenty at once', async () => {
    const { token } = await client.newLink(purpose);
    const twenty = Array.from({ length: 20 }, () => client.follow(purpose, token));
    const [first, ...others] = sortedStatuses(await Promise.all(twenty));
    expect(first).toBeLessThan(300);
    expect(others).toEqual(Array.from({ length: 19 }, () => 410));
  });

  test('is no use for anything else', async () => {
    const { token } = await client.newLink(purpose);
    for (const other of purposes.filter((each) => each !== purpose)) {
      expect((await client.follow(other, token)).status).toBe(410);
    }
  });

  test('works until its time is over', async () => {
    const { user, token } = await client.newLink(purpose);
    const letPass = (seconds: number) =>
      service.database.connection.query(
        'UPDATE email_tokens SET expires_at = expires_at - INTERVAL ? SECOND WHERE user_id = (SELECT id FROM users WHERE email = ?)',
        [seconds, user.email],
      );
    const lifetime = (purpose === 'verify' ? 24 : 1) * 3600;
    await letPass(lifetime - 60);
    expect((await client.open(purpose, token)).status).toBe(200);
    await letPass(61);
    expect((await client.open(purpose, token)).status).toBe(410);
    expect((await client.follow(purpose, token)).status).toBe(410);
  });

  test('is stored as a hash alone', async () => {
    const { token } = await client.newLink(purpose);
    const [rows] = await service.database.connection.query<RowDataPacket[]>(
      'SELECT * FROM email_tokens',
    );
    const stored = rows.flatMap((row) => Object.values(row).map(asHex)).join(' ');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(stored).not.toContain(asHex(token));
    expect(stored).not.toContain(asHex(Buffer.from(token, 'base64url')));
  });

  test('is dead when a newer one was sent', async () => {
    const { user, token } = await client.newLink(purpose);
    const email = purpose === 'change' ? newAddress() : user.email;
    if (purpose === 'verify') await client.resend(user);
    if (purpose === 'reset') await client.forgot(email);
    if (purpose === 'change') await client.changeEmail(user, email);
    expect((await client.follow(purpose, token)).status).toBe(410);

    const mail = await client.inbox(email, { verify: 2, reset: 3, change: 1 }[purpose]);
    expect((await client.follow(purpose, tokenIn(mail))).status).toBeLessThan(300);
  });

  test('is made from APP_ORIGIN, whatever a request calls this host', async () => {
    const user = await signUp(service);
    const email = purpose === 'change' ? newAddress() : user.email;
    const [path, input] = {
      verify: ['/v1/auth/email/resend', {}],
      reset: ['/v1/auth/password/forgot', { email }],
      change: ['/v1/auth/email/change', { currentPassword: user.password, email }],
    }[purpose] as [string, object];
    const body = JSON.stringify(input);
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: evil.example',
      'X-Forwarded-Host: evil.example',
      'Forwarded: host=evil.example;proto=http',
      `Authorization: ${user.authorization.authorization}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    const { status } = await sendRaw(service.url, `${head.join('\r\n')}\r\n\r\n${body}`);
    expect(status).toBe(202);

    const mail = await client.inbox(email, purpose === 'change' ? 1 : 2);
    expect(linkIn(mail).origin).toBe('https://app.example.com');
    for (const [url] of mail.text.matchAll(/https?:\S+/g)) {
      expect(new URL(url).origin).toBe('https://app.example.com');
    }
  });

  test('leads to a page that only looks', async () => {
    const { token } = await client.newLink(purpose);
    const before = await checksums();
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await client.open(purpose, token)).status).toBe(200);
    }
    expect(await checksums()).toEqual(before);
  });
});

test('a link to an address that is no longer the user’s opens nothing', async () => {
  for (const purpose of ['verify', 'reset'] as const) {
    const { user, token } = await client.newLink(purpose);
    await service.database.connection.query('UPDATE users SET email = ? WHERE email = ?', [
      newAddress(),
      user.email,
    ]);
    expect((await client.follow(purpose, token)).status).toBe(410);
  }
});

test('of links that are asked for at once, one works', async () => {
  const { email } = await signUp(service);
  const { connection } = service.database;
  // None gets further than the user's row before all have come.
  await connection.query('START TRANSACTION');
  await connection.query('SELECT 1 FROM users WHERE email = ? FOR UPDATE', [email]);
  const asked = [client.forgot(email), client.forgot(email), client.forgot(email)];
  await expect.poll(waiting).toBe(3);
  await connection.query('COMMIT');
  await Promise.all(asked);

  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT 1 FROM email_tokens WHERE purpose = 'reset' AND email = ?",
    [email],
  );
  expect(rows).toHaveLength(1);
});

/** How many statements about users the server is busy with. */
async function waiting(): Promise<number> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%users%' AND id <> CONNECTION_ID()",
  );
  return rows.length;
}

/** Says whether anything was changed, apart from the outbox, which works on by itself. */
async function checksums(): Promise<RowDataPacket[]> {
  const [sums] = await service.database.connection.query<RowDataPacket[]>(
    'CHECKSUM TABLE email_tokens, users, sessions, audit_log',
  );
  return sums;
}

function asHex(value: unknown): string {
  return Buffer.from(value instanceof Buffer ? value : String(value)).toString('hex');
}
