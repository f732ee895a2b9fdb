import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { addUser } from '#app/domains/auth/account/add-user.ts';
import { gracePolicy } from '#app/domains/billing/grace-policy.ts';
import { sendGraceMails, startGrace } from '#app/domains/billing/grace.ts';
import { freePlan, plans } from '#app/domains/billing/plans.ts';
import { createLog } from '#app/log.ts';
import { Mail, textOf } from '#app/platform/mail/mail.ts';
import type { Message } from '#app/platform/mail/transport.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';
import { testSettings } from '../support/service.ts';

let testDatabase: TestDatabase;
let database: Database;
/** What was sent by transactions that were committed. */
let sent: Message[] = [];

const outbox: Outbox = {
  enqueue: async (tx, _delivery, payload) => {
    const { to, subject, ...said } = Mail.parse(payload);
    tx.afterCommit(() => sent.push({ to, subject, text: textOf(said) }));
    return newId();
  },
  close: async () => {},
};

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 },
    sealing: testSealing,
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  await testDatabase.connection.query('DELETE FROM billing_effects');
  await testDatabase.connection.query('DELETE FROM billing_subscriptions');
  sent = [];
});

const deps = () => ({
  database,
  outbox,
  settings: testSettings(testDatabase),
  log: createLog({ LOG_LEVEL: 'silent' }),
});
const send = () => sendGraceMails(deps());
const paidPlan = Object.entries<{ name: string }>(plans).find(([name]) => name !== freePlan);

interface Owing {
  readonly email: string;
  readonly id: string;
}

/** An account whose payment has been owed for so many days. */
async function owing(
  days: number,
  { status = 'past_due', paused = false }: { status?: string; paused?: boolean } = {},
): Promise<Owing> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const { user } = await database.transaction((tx) =>
    addUser(tx, { email, passwordHash: '-', isVerified: true }),
  );
  const id = newId();
  await testDatabase.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status, price_plan,
       stripe_price_id, \`interval\`, quantity, current_period_end, paused, past_due_since)
     VALUES (?, ?, ?, ?, ?, 'price_1', 'month', 1, UTC_TIMESTAMP(3), ?, UTC_TIMESTAMP(3))`,
    [user.accountId, id, `sub_${id}`, status, paidPlan?.[0], paused],
  );
  await age(id, days);
  return { email, id };
}

/** Lets so many days go by for a subscription. */
async function age(id: string, days: number): Promise<void> {
  await testDatabase.connection.query(
    'UPDATE billing_subscriptions SET past_due_since = past_due_since - INTERVAL ? SECOND WHERE id = ?',
    [Math.round(days * 86_400), id],
  );
  // The mails that were sent are named after the moment since when it is owed, which has moved.
  await testDatabase.connection.query(
    `UPDATE billing_effects JOIN billing_subscriptions
       ON source LIKE CONCAT('%:', stripe_subscription_id, ':%')
     SET source = CONCAT(SUBSTRING_INDEX(source, ':', 2), ':',
       DATE_FORMAT(past_due_since, '%Y-%m-%dT%H:%i:%s.'),
       LPAD(MICROSECOND(past_due_since) DIV 1000, 3, '0'), 'Z')`,
  );
}

test('a mail is sent on each day that the policy names, and none in between', async () => {
  const { email, id } = await owing(0);
  const mailsOn: number[] = [];
  for (let day = 0; day <= gracePolicy.days + 2; day += 1) {
    const before = sent.length;
    await send();
    await send();
    mailsOn.push(...sent.slice(before).map(() => day));
    await age(id, 1);
  }
  expect(mailsOn).toEqual(gracePolicy.mailDays);
  expect(new Set(sent.map(({ to }) => to))).toEqual(new Set([email]));
});

test('it says what is at stake until when, and leads to a page of this service', async () => {
  const { email } = await owing(0);
  await send();
  const [mail] = sent;
  expect(mail?.to).toBe(email);
  expect(mail?.text).toContain('\nhttp://localhost:3000/billing\n');
  expect(mail?.text).toContain(paidPlan?.[1].name);
  const end = new Date(Date.now() + gracePolicy.days * 86_400_000);
  expect(mail?.text).toContain(
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(end),
  );
});

test('after a time in which nothing ran, only the latest mail that was due is sent', async () => {
  const [last = 0] = gracePolicy.mailDays.slice(-1);
  await owing(last + 0.5);
  await send();
  await send();
  expect(sent).toHaveLength(1);
});

test('ten that look at once send each mail once', async () => {
  for (let count = 0; count < 5; count += 1) await owing(0);
  await Promise.all(Array.from({ length: 10 }, send));
  expect(sent).toHaveLength(5);
  expect(new Set(sent.map(({ to }) => to)).size).toBe(5);
});

test('who has paid, has canceled or is paused gets none, nor who is past all grace', async () => {
  await owing(1, { status: 'active' });
  await owing(1, { status: 'canceled' });
  await owing(1, { paused: true });
  await owing(gracePolicy.days + 0.01);
  await send();
  expect(sent).toEqual([]);
});

test('who pays while the mail is being made gets none', async () => {
  const { id } = await owing(0);
  const [[row]] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT account_id FROM billing_subscriptions WHERE id = ?',
    [id],
  );
  const { connection } = testDatabase;
  await connection.query('INSERT INTO billing_customers (account_id) VALUES (?)', [
    row?.['account_id'],
  ]);
  // As a handler does it: it locks the account's billing, then writes what has become of it.
  await connection.beginTransaction();
  await connection.query('SELECT * FROM billing_customers WHERE account_id = ? FOR UPDATE', [
    row?.['account_id'],
  ]);
  const sending = send();
  await expect.poll(() => waits(row?.['account_id'])).toBe(true);
  await connection.query(
    `UPDATE billing_subscriptions SET status = 'active', past_due_since = NULL WHERE id = ?`,
    [id],
  );
  await connection.commit();
  await sending;
  expect(sent).toEqual([]);
});

/** Whether somebody else waits for the lock of an account's row. */
async function waits(accountId: unknown): Promise<boolean> {
  const [processes] = await testDatabase.connection.query<RowDataPacket[]>('SHOW FULL PROCESSLIST');
  return processes.some(
    ({ Info }) => String(Info).includes('for update') && String(Info).includes(String(accountId)),
  );
}

test('who pays and owes again is told again, from the first day', async () => {
  const { id } = await owing(1);
  await send();
  await testDatabase.connection.query(
    'UPDATE billing_subscriptions SET past_due_since = UTC_TIMESTAMP(3) WHERE id = ?',
    [id],
  );
  await send();
  expect(sent).toHaveLength(2);
});

test('one that cannot be told does not keep the others from it, and is tried again', async () => {
  const first = await owing(1);
  await owing(0);
  const failing: Outbox = {
    ...outbox,
    enqueue: (tx, delivery, payload) => {
      if ((payload as Mail).to === first.email) throw new Error('no');
      return outbox.enqueue(tx, delivery, payload);
    },
  };
  await expect(sendGraceMails({ ...deps(), outbox: failing })).rejects.toThrow('no');
  expect(sent).toHaveLength(1);
  await send();
  expect(sent.map(({ to }) => to)).toContain(first.email);
});

test('it is done at the start, and ends when it is closed', async () => {
  await owing(0);
  const grace = startGrace(deps());
  await expect.poll(() => sent.length).toBe(1);
  await grace.close();
});
