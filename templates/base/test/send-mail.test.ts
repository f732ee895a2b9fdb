// A mail on its whole way: from a transaction through the outbox to a server.
import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import type { Mailer } from '#app/platform/mail/mail.ts';
import { plainMailer } from '#app/platform/mail/mailer.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { smtpTransport } from '#app/platform/mail/smtp.ts';
import { openOutbox } from '#app/platform/outbox/outbox.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openMailServer, type MailServer } from './support/mail-server.ts';
import { testSealing } from './support/sealing.ts';
import { testSettings } from './support/service.ts';

let testDatabase: TestDatabase;
let database: Database;
let sealing: Sealing;
let server: MailServer;
let logged = '';

const log = createLog({ LOG_LEVEL: 'trace' }, { write: (line: string) => void (logged += line) });
const link = 'https://app.example.com/secret-link';
const mail = {
  to: 'ann@example.com',
  subject: 'Hello',
  paragraphs: ['Follow this link:', { link, label: 'Do it' }],
};

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 },
    sealing: testSealing,
  });
  const KEYRING_SECRET = randomBytes(32).toString('base64url');
  const settings = { KEYRING_SECRET, SEALING_KEY_FILE: '', NODE_ENV: 'test' };
  sealing = await openSealing({ settings, log });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  server = await openMailServer();
  await testDatabase.connection.query('DELETE FROM outbox');
  logged = '';
});
afterEach(() => server.close());

/** Sends a mail, and waits until it is in a state. */
async function sendOne(mailer: Mailer, state: 'sent' | 'failed' | 'dead'): Promise<void> {
  const settings = testSettings(testDatabase);
  const outbox = await openOutbox({ settings, database, sealing, mailer, log });
  await database.transaction((tx) => sendMail(outbox, tx, mail));
  await expect.poll(async () => (await row())?.['state'], { timeout: 10_000 }).toBe(state);
  await outbox.close();
}

const toServer = () =>
  plainMailer(smtpTransport({ url: server.url, from: 'no-reply@example.com' }));

async function row(): Promise<RowDataPacket | undefined> {
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>('SELECT * FROM outbox');
  return rows[0];
}

test('a mail reaches the server once, and neither log nor database keeps what it says', async () => {
  await sendOne(toServer(), 'sent');
  const sent = await row();
  expect(sent).toMatchObject({ state: 'sent', attempts: 1 });
  expect(server.mails).toMatchObject([{ to: [mail.to], text: `Follow this link:\n\n${link}` }]);
  expect(server.mails[0]?.headers.get('message-id')).toBe(`<${sent?.['id']}@example.com>`);
  expect(logged).toContain('delivered');
  expect(logged).not.toMatch(/ann@|secret-link/);
});

test('a mail to an address that is refused is given up, and says so without the address', async () => {
  server.refuse('RCPT TO', 550, `No such user ${mail.to}`);
  await sendOne(toServer(), 'dead');
  expect(await row()).toMatchObject({
    state: 'dead',
    attempts: 1,
    last_error: 'The mail server answered 550 to RCPT TO',
  });
  expect(logged).not.toContain('ann@');
});

test('a mail that finds no server waits for the next attempt', async () => {
  await server.close();
  await sendOne(toServer(), 'failed');
  expect(await row()).toMatchObject({
    state: 'failed',
    attempts: 1,
    available_at: expect.any(Date),
    last_error: 'The mail server cannot be used (ECONNREFUSED)',
  });
});

test('a mail whose delivery nobody wrote down comes again, and can be told to be the same', async () => {
  const smtp = toServer();
  const forgetful: Mailer = {
    ...smtp,
    async send(...args) {
      await smtp.send(...args);
      if (server.mails.length > 1) return;
      await testDatabase.connection.query(
        'UPDATE outbox SET lease_token = NULL, available_at = UTC_TIMESTAMP(3)',
      );
    },
  };
  await sendOne(forgetful, 'sent');
  expect(server.mails).toHaveLength(2);
  const ids = server.mails.map(({ headers }) => headers.get('message-id'));
  expect(new Set(ids).size).toBe(1);
  expect(await row()).toMatchObject({ attempts: 2 });
  expect(logged).toContain('may be made twice');
});
