// Mails on their whole way, on a database of a test file's own.
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { openEmail } from '#app/platform/email/email.ts';
import type { Mail, Mailer } from '#app/platform/mail/mail.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { openOutbox } from '#app/platform/outbox/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testSealing } from '../../support/sealing.ts';
import { testSettings } from '../../support/service.ts';

export interface TestEmail {
  readonly database: Database;
  readonly testDatabase: TestDatabase;
  /** What was logged in this test. */
  logged(): string;
  /** Opens what sends mails. */
  open(environment: Record<string, string>): Promise<Mailer>;
  /** Writes a mail into the outbox, and has it delivered until its row is in a state. */
  deliver(mailer: Mailer, mail: Mail, state?: string): Promise<RowDataPacket>;
}

export function useEmail(): TestEmail {
  let lines = '';
  const log = createLog({ LOG_LEVEL: 'trace' }, { write: (line: string) => void (lines += line) });
  const email = { logged: () => lines } as { -readonly [Key in keyof TestEmail]: TestEmail[Key] };

  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 };
    const database = await openDatabase({ settings, sealing: testSealing });
    Object.assign(email, { testDatabase, database });
  });
  afterAll(async () => {
    await email.database.close();
    await email.testDatabase.drop();
  });
  beforeEach(async () => {
    for (const table of ['outbox', 'email_suppressions', 'email_events']) {
      await email.testDatabase.connection.query(`DELETE FROM ${table}`);
    }
    lines = '';
  });

  email.open = (environment) => {
    const { database, testDatabase } = email;
    const settings = testSettings(testDatabase, {
      MAIL_FROM: 'no-reply@example.com',
      ...environment,
    });
    return openEmail({ settings, log, database });
  };

  email.deliver = async (mailer, mail, state = 'sent') => {
    const { database, testDatabase } = email;
    const settings = testSettings(testDatabase);
    const outbox = await openOutbox({ settings, database, sealing: testSealing, mailer, log });
    await database.transaction((tx) => sendMail(outbox, tx, mail));
    const find = async (): Promise<RowDataPacket | undefined> => {
      const [rows] = await testDatabase.connection.query<RowDataPacket[]>(
        'SELECT * FROM outbox ORDER BY id DESC LIMIT 1',
      );
      return rows[0];
    };
    await expect.poll(async () => (await find())?.['state'], { timeout: 10_000 }).toBe(state);
    await outbox.close();
    return (await find()) ?? Promise.reject(new Error('It is not there'));
  };
  return email;
}
