// Mails on their whole way to a mail server: as text and HTML, and to nobody who is suppressed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verificationMail } from '#app/domains/auth/account/mails.ts';
import { pruneEmailEvents } from '#app/platform/email/events.ts';
import { htmlOf } from '#app/platform/email/html.ts';
import { allow, suppress } from '#app/platform/email/suppressions.ts';
import { textOf, type Mailer } from '#app/platform/mail/mail.ts';
import { sealPayload } from '#app/platform/outbox/payload.ts';
import { newId } from '#app/database/id.ts';
import { openMailServer, type MailServer } from '../support/mail-server.ts';
import { testSealing } from '../support/sealing.ts';
import { useEmail } from './support/email.ts';
import { linksOf } from './support/markup.ts';
import { partsOf } from './support/mime.ts';

const email = useEmail();
let server: MailServer;
let mailer: Mailer;

beforeEach(async () => {
  server = await openMailServer();
  mailer = await email.open({ SMTP_URL: server.url });
});
afterEach(async () => {
  await mailer.close();
  await server.close();
});

const verify = 'https://app.example.com/auth/verify-email?token=secret';
const mail = verificationMail('ann@example.com', { verify });

test('a mail reaches the server in both forms, the text first', async () => {
  const row = await email.deliver(mailer, mail);
  expect(server.mails).toMatchObject([{ from: 'no-reply@example.com', to: [mail.to] }]);
  const { headers, source } = server.mails[0] ?? { headers: new Map(), source: '' };
  expect(headers.get('content-type')).toMatch(/^multipart\/alternative; boundary=/);
  expect(headers.get('message-id')).toBe(`<${row['id']}@example.com>`);
  expect(headers.get('auto-submitted')).toBe('auto-generated');
  expect(headers.get('subject')).toBe(mail.subject);
  expect(partsOf(source)).toEqual([
    { type: 'text/plain', content: textOf(mail) },
    { type: 'text/html', content: htmlOf(mail).trim() },
  ]);
  expect(email.logged()).toContain('delivered');
  expect(email.logged()).not.toMatch(/ann@|token=/);
});

test('a mail whose delivery nobody wrote down comes again as the same', async () => {
  const forgetful: Mailer = {
    ...mailer,
    async send(...args) {
      await mailer.send(...args);
      if (server.mails.length > 1) return;
      await email.testDatabase.connection.query(
        'UPDATE outbox SET lease_token = NULL, available_at = UTC_TIMESTAMP(3)',
      );
    },
  };
  expect(await email.deliver(forgetful, mail)).toMatchObject({ attempts: 2 });
  expect(server.mails).toHaveLength(2);
  expect(new Set(server.mails.map(({ headers }) => headers.get('message-id'))).size).toBe(1);
});

test('a mail that an older version has left, as a text, reaches the server in both forms', async () => {
  const row = { id: newId(), kind: 'mail' };
  const old = { to: mail.to, subject: mail.subject, text: textOf(mail) };
  await email.testDatabase.connection.query(
    'INSERT INTO outbox (id, kind, payload, available_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    [row.id, row.kind, sealPayload(testSealing, row, old)],
  );
  await email.deliver(mailer, { ...mail, to: 'bob@example.com' });
  await expect.poll(() => server.mails.length).toBe(2);
  const [plain, page] = partsOf(server.mails.find(({ to }) => to[0] === mail.to)?.source ?? '');
  expect(plain?.content).toBe(textOf(mail));
  expect(linksOf(page?.content ?? '')).toEqual([verify]);
});

const stop = () =>
  email.database.transaction((tx) => suppress(tx, { address: mail.to, reason: 'bounce' }));
const start = () => email.database.transaction((tx) => allow(tx, mail.to));

describe('an address that is suppressed', () => {
  test('gets nothing: the delivery is done, and the log says why without the address', async () => {
    await stop();
    const row = await email.deliver(mailer, mail);
    expect(row).toMatchObject({ state: 'sent', attempts: 1, last_error: null });
    expect(server.mails).toEqual([]);
    const lines = email.logged().split('\n');
    const line = lines.find((each) => each.includes('its address is suppressed')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ outboxId: row['id'], reason: 'bounce' });
    expect(email.logged()).not.toContain('ann@');
  });

  test('is asked for when a mail is delivered, not when it was written', async () => {
    const late: Mailer = {
      ...mailer,
      async send(...args) {
        await stop();
        await mailer.send(...args);
      },
    };
    await email.deliver(late, mail);
    expect(server.mails).toEqual([]);
  });

  test('is the same in capital letters, and another is not', async () => {
    await stop();
    await email.deliver(mailer, { ...mail, to: 'Ann@Example.COM' });
    expect(server.mails).toEqual([]);
    for (const to of ['bann@example.com', 'ann@example.com.au']) {
      await email.deliver(mailer, { ...mail, to });
    }
    expect(server.mails.map(({ to }) => to)).toEqual([
      ['bann@example.com'],
      ['ann@example.com.au'],
    ]);
  });

  test('gets mail again once it is allowed', async () => {
    await stop();
    expect([await start(), await start()]).toEqual([true, false]);
    await email.deliver(mailer, mail);
    expect(server.mails).toHaveLength(1);
  });
});

test('events that can no longer come again are forgotten', async () => {
  await email.testDatabase.connection.query(
    `INSERT INTO email_events (id, received_at) VALUES
       ('old', UTC_TIMESTAMP(3) - INTERVAL 36 DAY), ('new', UTC_TIMESTAMP(3) - INTERVAL 34 DAY)`,
  );
  await pruneEmailEvents(email.database);
  const [rows] = await email.testDatabase.connection.query('SELECT id FROM email_events');
  expect(rows).toEqual([{ id: 'new' }]);
});
