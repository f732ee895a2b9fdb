import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineJob, type JobContext } from '#app/platform/jobs/define-job.ts';
import { enqueueJob } from '#app/platform/jobs/enqueue-job.ts';
import { jobDelivery } from '#app/platform/jobs/job-delivery.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

const noteWith = (handle: (text: string, context: JobContext) => Promise<void>) =>
  defineJob({
    name: 'note',
    payload: z.strictObject({ text: z.string() }),
    handle: ({ text }, context) => handle(text, context),
  });
const ignored = noteWith(async () => {});

const enqueue = (text = 'hello') =>
  jobs.services.database.transaction((tx) =>
    enqueueJob(jobs.services.outbox, tx, ignored, { text }),
  );

const states = async () => (await jobs.rows()).map(({ state }) => state);

test('a job is done once its transaction is committed, once, under the key of the outbox', async () => {
  const done = calls<{ text: string; key: string; attempt: number }>();
  await jobs.work([noteWith(async (text, { key, attempt }) => done.note({ text, key, attempt }))]);
  const key = await jobs.services.database.transaction(async (tx) => {
    const id = await enqueueJob(jobs.services.outbox, tx, ignored, { text: 'hello' });
    // Whoever looks before the commit finds nothing.
    expect(await jobs.rows()).toEqual([]);
    return id;
  });

  expect(await done.until(1)).toEqual([{ text: 'hello', key, attempt: 1 }]);
  await expect.poll(states, soon).toEqual(['completed']);
  expect(await jobs.rows()).toMatchObject([
    { id: key, name: 'note', payload: Buffer.alloc(0), attempts: 0 },
  ]);
  expect(done.made).toHaveLength(1);
});

test('a transaction that is rolled back has nothing done', async () => {
  const done = calls<string>();
  await jobs.work([noteWith(async (text) => done.note(text))]);
  const undone = jobs.services.database.transaction(async (tx) => {
    await enqueueJob(jobs.services.outbox, tx, ignored, { text: 'undone' });
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  await enqueue('afterwards');
  expect(await done.until(1)).toEqual(['afterwards']);
  expect(await jobs.rows()).toHaveLength(1);
});

test('what is delivered twice is one job, also when that is done', async () => {
  const deliver = () =>
    jobDelivery.deliver(
      { name: 'note', payload: { text: 'hello' } },
      { key: 'one-key', signal: new AbortController().signal, services: jobs.services },
    );
  await Promise.all([deliver(), deliver(), deliver()]);
  const done = calls<string>();
  await jobs.work([noteWith(async (text) => done.note(text))]);
  await done.until(1);
  await expect.poll(states, soon).toEqual(['completed']);

  await deliver();
  await enqueue('the next');
  expect(await done.until(2)).toEqual(['hello', 'the next']);
});

test('what is delivered again is looked up by who does it: it may be over by then', async () => {
  const deliver = () =>
    jobDelivery.deliver(
      { name: 'note', payload: { text: 'hello' } },
      { key: 'one-key', signal: new AbortController().signal, services: jobs.services },
    );
  await deliver();
  expect(await dataOf('one-key')).toContain('"payload"');
  await jobs.forget();
  await deliver();
  expect(await dataOf('one-key')).toBe('{}');
});

test('a payload that is not one of the job’s is refused where it is enqueued', async () => {
  const enqueuing = jobs.services.database.transaction((tx) =>
    enqueueJob(jobs.services.outbox, tx, ignored, { text: 1 } as unknown as { text: string }),
  );
  await expect(enqueuing).rejects.toThrow('expected string');
});

test('nobody can read in Redis or the database what a job was given, also when it has failed', async () => {
  const canary = 'canary-4711';
  await enqueue(canary);
  await expect.poll(async () => (await jobs.rows()).length, soon).toBe(1);
  await expect.poll(readRedis, soon).toContain('note');
  expect(await readRedis()).not.toContain(canary);

  const failing = noteWith((text) => Promise.reject(new TypeError(`cannot note ${text}`)));
  await jobs.work([failing]);
  await expect.poll(async () => (await jobs.rows())[0]?.['last_error'], soon).toBe('TypeError');
  await expect.poll(readRedis, soon).toContain('It is due again later.');
  expect(await readRedis()).not.toContain(canary);
  const [row] = await jobs.rows();
  expect(row?.['payload'].toString('latin1')).not.toContain(canary);
  expect(JSON.stringify(jobs.lines)).toContain('enqueue.test.ts');
  expect(JSON.stringify(jobs.lines)).not.toContain(canary);
});

test('while Redis does not answer a job is taken all the same, and done when it does', async () => {
  const { connection } = jobs.services.jobQueue;
  connection.disconnect();
  await enqueue('meanwhile');
  await expect.poll(states, soon).toEqual(['waiting']);
  await expect.poll(outboxStates, soon).toEqual(['sent']);
  // Whoever reaches Redis sooner may hand it over at once.
  expect(await dueOffers()).toBe(1);
  await connection.connect();

  const done = calls<string>();
  await jobs.work([noteWith(async (text) => done.note(text))]);
  expect(await done.until(1)).toEqual(['meanwhile']);
});

/** What Redis has of a job, but for its id and name. */
async function dataOf(key: string): Promise<string | null> {
  const { connection, prefix } = jobs.services.jobQueue;
  return connection.hget(`${prefix}:jobs:${key}`, 'data');
}

async function dueOffers(): Promise<number> {
  const statement = 'SELECT id FROM queue_jobs WHERE next_at <= UTC_TIMESTAMP(3)';
  const [rows] = await jobs.database.connection.query<RowDataPacket[]>(statement);
  return rows.length;
}

async function outboxStates(): Promise<string[]> {
  const [rows] = await jobs.database.connection.query<RowDataPacket[]>('SELECT state FROM outbox');
  return rows.map(({ state }) => String(state));
}

/** Everything that Redis has of this file, as text. */
async function readRedis(): Promise<string> {
  const { connection: client } = jobs.services.jobQueue;
  const read = {
    string: (key: string) => client.get(key),
    hash: (key: string) => client.hgetall(key),
    list: (key: string) => client.lrange(key, 0, -1),
    set: (key: string) => client.smembers(key),
    zset: (key: string) => client.zrange(key, '0', '-1'),
    stream: (key: string) => client.xrange(key, '-', '+'),
  };
  const found: unknown[] = [];
  for (const key of await jobs.keys()) {
    const type = (await client.type(key)) as keyof typeof read;
    // It may have gone meanwhile.
    found.push(key, await read[type]?.(key));
  }
  return JSON.stringify(found);
}
