import { Queue } from 'bullmq';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineJob, JobError, type JobContext } from '#app/platform/jobs/define-job.ts';
import { enqueueJob } from '#app/platform/jobs/enqueue-job.ts';
import { jobDelivery } from '#app/platform/jobs/job-delivery.ts';
import { discardJob } from '#app/platform/jobs/job-records.ts';
import { markCompleted, takeOffers } from '#app/platform/jobs/job-rows.ts';
import { once } from '#app/platform/jobs/once.ts';
import { pruneJobs } from '#app/platform/jobs/prune.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

const workWith = (handle: (context: JobContext) => Promise<void>) =>
  defineJob({
    name: 'work',
    payload: z.strictObject({}),
    handle: (_payload, context) => handle(context),
  });
const ignored = workWith(async () => {});

const enqueue = () =>
  jobs.services.database.transaction((tx) => enqueueJob(jobs.services.outbox, tx, ignored, {}));

const states = async () => (await jobs.rows()).map(({ state }) => state);
const query = (statement: string, values: unknown[] = []) =>
  jobs.database.connection.query(statement, values);

test('what Redis has lost is handed to it again when it is back, and done once', async () => {
  const keys = [await enqueue(), await enqueue(), await enqueue()];
  await expect.poll(states, soon).toEqual(['waiting', 'waiting', 'waiting']);
  await jobs.forget();
  const done = calls<string>();
  await jobs.work([workWith(async ({ key }) => done.note(key))]);
  expect((await done.until(3)).toSorted()).toEqual(keys.toSorted());
  await expect.poll(states, soon).toEqual(['completed', 'completed', 'completed']);

  const another = await enqueue();
  expect((await done.until(4)).at(-1)).toBe(another);
  expect(done.made).toHaveLength(4);
});

test('what Redis loses while a worker runs is handed to it when it is back', async () => {
  const attempts = calls<number>();
  const job = workWith(async ({ attempt }) => {
    attempts.note(attempt);
    if (attempt === 1) throw new JobError('Not yet');
  });
  await jobs.work([job]);
  await enqueue();
  await expect.poll(async () => (await jobs.rows())[0]?.['attempts'], soon).toBe(1);
  await query('UPDATE queue_jobs SET available_at = UTC_TIMESTAMP(3)');
  await jobs.forget();
  expect(attempts.made).toEqual([1]);
  jobs.services.jobQueue.connection.disconnect(true);
  expect(await attempts.until(2)).toEqual([1, 2]);
});

test('a Redis that has lost nothing is not handed everything again by a worker that starts', async () => {
  const done = calls<string>();
  const job = workWith(async ({ key }) => done.note(key));
  await jobs.work([job]);
  await enqueue();
  await done.until(1);
  await query(`INSERT INTO queue_jobs (id, name, payload, available_at, next_at) VALUES
    ('later', 'work', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR),
    ('now', 'unknown', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)`);
  const offersOf = async (id: string) =>
    (await jobs.rows()).find((row) => row['id'] === id)?.['next_at'];
  const [later, now] = [await offersOf('later'), await offersOf('now')];
  await jobs.work([job]);
  await expect.poll(() => offersOf('now'), soon).not.toEqual(now);
  expect(await offersOf('later')).toEqual(later);
});

test('what is done and not yet written down is not done again where it is delivered meanwhile', async () => {
  const done = calls<string>();
  const { key, unwrite } = await doOne(done);
  await unwrite();
  await jobDelivery.deliver(
    { name: 'work', payload: {} },
    { key, signal: new AbortController().signal, services: jobs.services },
  );
  const { connection, prefix } = jobs.services.jobQueue;
  expect(await connection.zrange(`${prefix}:jobs:delayed`, '0', '-1')).toEqual([key]);
  await query(`UPDATE queue_jobs SET state = 'completed'`);

  await jobs.work([workWith(async (context) => done.note(context.key))]);
  await expect.poll(() => connection.exists(`${prefix}:jobs:${key}`), soon).toBe(0);
  expect(done.made).toEqual([key]);
});

test('a job is due a second after it is handed over again, and not before its time', async () => {
  await query(`INSERT INTO queue_jobs (id, name, payload, available_at, next_at) VALUES
    ('due', 'work', '', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR, UTC_TIMESTAMP(3)),
    ('later', 'work', '', UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, UTC_TIMESTAMP(3))`);
  const offers = await takeOffers(jobs.services.database, 10);
  const delays = new Map(offers.map(({ id, delay }) => [id, delay]));
  expect(delays.get('due')).toBe(1000);
  expect(delays.get('later')).toBeGreaterThan(3_000_000);
});

test('what was done is done again where nobody is left to write that down', async () => {
  const done = calls<string>();
  const { key, unwrite } = await doOne(done);
  await unwrite();
  await jobs.work([workWith(async (context) => done.note(context.key))]);
  expect(await done.until(2)).toEqual([key, key]);
  await expect.poll(states, soon).toEqual(['completed']);
});

/** Has a job done. @returns what makes its row as if that was not written down */
async function doOne(done: ReturnType<typeof calls<string>>) {
  const key = await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  const [row] = await jobs.rows();
  const worker = await jobs.work([workWith(async (context) => done.note(context.key))]);
  await expect.poll(states, soon).toEqual(['completed']);
  await worker.close();
  // As it began it may have handed it over once more.
  await jobs.services.jobQueue.remove(key);
  const unwrite = () =>
    query(
      `UPDATE queue_jobs SET state = 'waiting', payload = ?, available_at = ?, next_at = UTC_TIMESTAMP(3)`,
      [row?.['payload'], row?.['available_at']],
    );
  return { key, unwrite };
}

test('a job that is over is not done again, whatever Redis hands out', async () => {
  const key = await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  await query(`UPDATE queue_jobs SET state = 'discarded'`);
  // Begun before, by who was killed.
  await jobs.takeAndLeave();
  const done = calls<string>();
  await jobs.work([workWith(async (context) => done.note(context.key))], { stalledPause: 50 });
  await expect.poll(() => jobs.lines.map(({ jobKey }) => jobKey), soon).toContain(key);

  const next = await enqueue();
  expect(await done.until(1)).toEqual([next]);
});

test('a job that is over is not done again by a Redis that was ended and has kept it', async () => {
  const done = calls<string>();
  await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  const { connection, prefix } = jobs.services.jobQueue;
  const [key = ''] = await connection.lrange(`${prefix}:jobs:wait`, 0, -1);
  const kept = JSON.parse((await connection.hget(`${prefix}:jobs:${key}`, 'data')) ?? '{}');
  await jobs.work([workWith(async (context) => done.note(context.key))]);
  expect(await done.until(1)).toEqual([key]);
  await expect.poll(states, soon).toEqual(['completed']);

  const queue = new Queue('jobs', { connection, prefix });
  await queue.add('work', { ...kept, run: 'of another Redis' }, { jobId: key });
  const next = await enqueue();
  expect(await done.until(2)).toEqual([key, next]);
});

test('who stops finishes what is under way', async () => {
  const begun = calls<string>();
  const ending = Promise.withResolvers<void>();
  const worker = await jobs.work([
    workWith(async ({ key }) => {
      begun.note(key);
      await ending.promise;
    }),
  ]);
  await enqueue();
  await begun.until(1);
  const closed = worker.close();
  ending.resolve();
  await closed;
  expect(await states()).toEqual(['completed']);
});

test('what does not end in time is given back, counts as no attempt, and is done elsewhere', async () => {
  const told = calls<boolean>();
  const worker = await jobs.work(
    [
      workWith(({ signal }) => {
        signal.addEventListener('abort', () => told.note(true));
        told.note(signal.aborted);
        return new Promise(() => {});
      }),
    ],
    { drainTimeout: 50 },
  );
  await enqueue();
  await told.until(1);
  await worker.close();
  expect(told.made).toEqual([false, true]);
  expect(await jobs.rows()).toMatchObject([{ state: 'waiting', attempts: 0 }]);

  const attempts = calls<number>();
  await jobs.work([workWith(async ({ attempt }) => attempts.note(attempt))]);
  expect(await attempts.until(1)).toEqual([1]);
  await expect.poll(states, soon).toEqual(['completed']);
});

test('what was done a week ago is removed with what is known of it; what failed is not', async () => {
  const { database } = jobs.services;
  for (const [id, state] of [
    ['old', 'waiting'],
    ['discarded', 'waiting'],
    ['failed', 'failed'],
    ['waiting', 'waiting'],
    ['new', 'waiting'],
  ] as const) {
    await database.transaction((tx) => once(tx, id));
    await query(
      `INSERT INTO queue_jobs (id, name, payload, state, next_at)
        SELECT ?, 'work', '', ?, UTC_TIMESTAMP(3)`,
      [id, state],
    );
  }
  await markCompleted(database, ['old']);
  await discardJob(jobs.services, 'discarded', 'operator:test');
  // Eight days pass before the last one is done.
  await query('UPDATE queue_jobs SET next_at = next_at - INTERVAL 8 DAY');
  await query('UPDATE queue_job_effects SET created_at = created_at - INTERVAL 8 DAY');
  await markCompleted(database, ['new']);
  await pruneJobs(database);
  const kept = ['failed', 'new', 'waiting'];
  expect((await jobs.rows()).map(({ id }) => id)).toEqual(kept);
  const [effects] = await query('SELECT job_id AS id FROM queue_job_effects ORDER BY job_id');
  expect(effects).toEqual(kept.map((id) => ({ id })));
});
