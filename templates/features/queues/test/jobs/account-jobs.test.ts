// T2: a job of one account reaches nothing of another’s.
import { mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { uuid } from '#app/database/columns.ts';
import { newId } from '#app/database/id.ts';
import { defineAccountJob, type AccountJobContext } from '#app/platform/jobs/define-job.ts';
import { enqueueAccountJob } from '#app/platform/jobs/enqueue-job.ts';
import { mailDelivery } from '#app/platform/mail/send-mail.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

const notes = mysqlTable(
  'test_notes',
  {
    id: uuid('id').notNull(),
    accountId: uuid('account_id').notNull(),
    text: varchar('text', { length: 50 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

const [ann, bob] = [newId(), newId()];
const bobsNote = newId();

const query = (statement: string, values: unknown[] = []) =>
  jobs.database.connection.query(statement, values);

beforeAll(async () => {
  const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
  await query(
    `CREATE TABLE test_notes (id ${id}, account_id ${id}, text VARCHAR(50) NOT NULL, PRIMARY KEY (account_id, id))`,
  );
  await query("INSERT INTO accounts (id, name) VALUES (?, 'Ann'), (?, 'Bob')", [ann, bob]);
});
beforeEach(async () => {
  await query('DELETE FROM test_notes');
  await query('INSERT INTO test_notes VALUES (?, ?, ?)', [bobsNote, bob, 'a canary of Bob’s']);
});

const jobWith = (handle: (id: string, context: AccountJobContext) => Promise<void>) =>
  defineAccountJob({
    name: 'note',
    payload: z.strictObject({ id: z.string() }),
    attempts: 1,
    handle: ({ id }, context) => handle(id, context),
  });

const enqueueFor = (accountId: string, id: string) =>
  jobs.services.database.transaction((tx) =>
    enqueueAccountJob(
      jobs.services.outbox,
      tx,
      accountId,
      jobWith(async () => {}),
      { id },
    ),
  );

const rowsOf = async () =>
  (await query('SELECT account_id, text FROM test_notes ORDER BY text'))[0];
const states = async () => (await jobs.rows()).map(({ state }) => state);

test('T2: given the id of another’s row, a job finds, changes and removes nothing', async () => {
  const found = calls<unknown>();
  await jobs.work([
    jobWith(async (id, { account, once }) => {
      found.note(await account.find(notes, id));
      found.note(await account.update(notes, id, { text: 'stolen' }));
      found.note(await account.remove(notes, id));
      await once(async (effects) => {
        found.note(await effects.account.find(notes, id));
        found.note(await effects.account.remove(notes, id));
      });
    }),
  ]);
  await enqueueFor(ann, bobsNote);
  expect(await found.until(5)).toEqual([undefined, false, false, undefined, false]);
  await expect.poll(states, soon).toEqual(['completed']);
  expect(await rowsOf()).toEqual([{ account_id: bob, text: 'a canary of Bob’s' }]);
});

test('T2: it is given no database, in which other accounts are', async () => {
  const given = calls<string[]>();
  await jobs.work([jobWith(async (_id, { services }) => given.note(Object.keys(services)))]);
  await enqueueFor(ann, bobsNote);
  const [names] = await given.until(1);
  expect(names).toContain('outbox');
  expect(names).not.toContain('database');
});

test('T2: a job that was moved to another account does not open, and Redis gives it to nobody', async () => {
  const done = calls<string>();
  const job = jobWith(async (_id, { account }) => done.note(account.accountId));
  const { jobQueue } = jobs.services;

  const inRedis = await enqueueFor(ann, bobsNote);
  const key = `${jobQueue.prefix}:jobs:${inRedis}`;
  await expect.poll(() => jobQueue.connection.exists(key), soon).toBe(1);
  expect(await jobQueue.connection.hget(key, 'data')).toBe('{}');
  const [row] = await jobs.rows();
  const data = { payload: row?.['payload'].toString('base64'), run: jobQueue.run };
  await jobQueue.connection.hset(key, 'data', JSON.stringify(data));

  const inTheDatabase = await enqueueFor(ann, bobsNote);
  await expect.poll(states, soon).toEqual(['waiting', 'waiting']);
  await query('UPDATE queue_jobs SET account_id = ? WHERE id = ?', [bob, inTheDatabase]);

  await jobs.work([job]);
  await expect.poll(states, soon).toEqual(['failed', 'failed']);
  const reasons = (await jobs.rows()).map(({ last_error: reason }) => reason);
  expect(reasons).toEqual([
    'It belongs to somebody else',
    expect.stringContaining('does not open'),
  ]);
  expect(done.made).toEqual([]);
});

test('T2: a job that waits in Redis of an account that was deleted meanwhile is not done', async () => {
  const done = calls<string>();
  const { jobQueue } = jobs.services;
  const key = `${jobQueue.prefix}:jobs:${await enqueueFor(ann, bobsNote)}`;
  await expect.poll(() => jobQueue.connection.exists(key), soon).toBe(1);
  // As where the account is deleted: no row of it stays.
  await query('DELETE FROM queue_jobs');
  await jobs.work([jobWith(async (_id, { account }) => done.note(account.accountId))]);
  await expect.poll(() => jobQueue.connection.exists(key), soon).toBe(0);
  expect(done.made).toEqual([]);
});

test('T2: a job of an account does nothing where its account was taken away', async () => {
  const done = calls<string>();
  const key = await enqueueFor(ann, bobsNote);
  await expect.poll(states, soon).toEqual(['waiting']);
  await jobs.services.jobQueue.remove(key);
  await query('UPDATE queue_jobs SET account_id = NULL');
  await jobs.work([jobWith(async (_id, { account }) => done.note(account.accountId))]);
  await expect.poll(states, soon).toEqual(['failed']);
  expect(await jobs.rows()).toMatchObject([{ last_error: 'It belongs to somebody else' }]);
  expect(done.made).toEqual([]);
});

test('a job whose account was removed before it came into the queue is none, and leaves no row', async () => {
  const done = calls<string>();
  await jobs.work([jobWith(async (_id, { account }) => done.note(account.accountId))]);
  const { jobQueue } = jobs.services;
  await jobQueue.take({ id: 'late', name: 'note', accountId: newId() }, { id: bobsNote });
  await enqueueFor(ann, bobsNote);
  expect(await done.until(1)).toEqual([ann]);
  expect(await jobs.rows()).toHaveLength(1);
});

test('what it does once is in its account, and with it what is delivered of it', async () => {
  const mail = { to: 'ann@example.com', subject: 'Noted', paragraphs: ['It is noted.'] };
  const done = calls<unknown>();
  const add = ({ once }: AccountJobContext) =>
    once(async ({ account, enqueue }) => {
      await account.insert(notes, { id: newId(), text: 'once' });
      return enqueue(mailDelivery, mail);
    });
  await jobs.work([
    jobWith(async (_id, context) => {
      done.note(await add(context));
      done.note(await add(context));
    }),
  ]);
  await enqueueFor(ann, bobsNote);
  expect(await done.until(2)).toEqual([expect.any(String), undefined]);
  expect(await rowsOf()).toEqual([
    { account_id: bob, text: 'a canary of Bob’s' },
    { account_id: ann, text: 'once' },
  ]);
});
