import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineJob, JobError, type JobContext } from '#app/platform/jobs/define-job.ts';
import { enqueueJob } from '#app/platform/jobs/enqueue-job.ts';
import { once } from '#app/platform/jobs/once.ts';
import { pauseBefore } from '#app/platform/jobs/pause.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

interface Options {
  readonly attempts?: number;
  readonly backoff?: number;
  readonly timeout?: number;
}

const workWith = (handle: (context: JobContext) => Promise<void>, options: Options = {}) =>
  defineJob({
    name: 'work',
    payload: z.strictObject({}),
    ...options,
    handle: (_payload, context) => handle(context),
  });
const ignored = workWith(async () => {});

const enqueue = () =>
  jobs.services.database.transaction((tx) => enqueueJob(jobs.services.outbox, tx, ignored, {}));

const states = async () => (await jobs.rows()).map(({ state }) => state);

test('a job that fails comes again, and is done in the end', async () => {
  const made = calls<number>();
  const flaky = workWith(
    async ({ attempt }) => {
      made.note(attempt);
      if (attempt < 3) throw new JobError('Nobody is there');
    },
    { backoff: 0.01 },
  );
  await jobs.work([flaky]);
  await enqueue();
  await expect.poll(states, soon).toEqual(['completed']);
  expect(made.made).toEqual([1, 2, 3]);
  expect(await jobs.rows()).toMatchObject([{ attempts: 2, last_error: null }]);
});

test('pauses grow fourfold up to an hour, give or take a fifth', () => {
  for (const [attempts, pause] of [10, 40, 160, 640, 2560, 3600, 3600].entries()) {
    for (let turn = 0; turn < 50; turn += 1) {
      const seconds = pauseBefore(10, attempts + 1);
      expect(seconds).toBeGreaterThanOrEqual(pause * 0.8);
      expect(seconds).toBeLessThanOrEqual(pause * 1.2);
    }
  }
});

test('a job whose attempts are used up is given up, stays, and is logged as an error', async () => {
  const error = new JobError('Nobody is there');
  await jobs.work([workWith(() => Promise.reject(error), { attempts: 3, backoff: 0.01 })]);
  const key = await enqueue();
  await expect.poll(states, soon).toEqual(['failed']);
  const [row] = await jobs.rows();
  expect(row).toMatchObject({
    id: key,
    attempts: 3,
    last_error: 'Nobody is there',
    available_at: null,
  });
  expect(row?.['payload']).not.toEqual(Buffer.alloc(0));
  expect(jobs.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { msg: 'a job was given up', job: 'work', jobKey: key, reason: 'Nobody is there' },
  ]);
  expect(await jobs.services.jobQueue.activeIds()).toEqual([]);
});

test('a job that cannot succeed is given up at once', async () => {
  const error = new JobError('There is no such address', { permanent: true });
  await jobs.work([workWith(() => Promise.reject(error))]);
  await enqueue();
  await expect.poll(states, soon).toEqual(['failed']);
  expect(await jobs.rows()).toMatchObject([{ attempts: 1 }]);
});

test('an attempt that takes too long is told so, and is over', async () => {
  const told = calls<boolean>();
  const hanging = workWith(
    ({ signal }) => {
      signal.addEventListener('abort', () => told.note(signal.aborted));
      return new Promise(() => {});
    },
    { timeout: 0.05, attempts: 1 },
  );
  await jobs.work([hanging]);
  await enqueue();
  expect(await told.until(1)).toEqual([true]);
  await expect.poll(states, soon).toEqual(['failed']);
  expect(await jobs.rows()).toMatchObject([{ last_error: 'It took too long' }]);
});

test('a job that this version does not know waits for one that does', async () => {
  await jobs.work([]);
  await enqueue();
  await expect.poll(async () => (await jobs.rows())[0]?.['attempts'], soon).toBe(1);
  expect(await jobs.rows()).toMatchObject([
    { state: 'waiting', last_error: 'This version knows no such job' },
  ]);
});

test('a job whose process was killed is done by another', async () => {
  await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  await jobs.takeAndLeave();
  const made = calls<number>();
  await jobs.work([workWith(async ({ attempt }) => made.note(attempt))], { stalledPause: 50 });
  expect(await made.until(1)).toEqual([2]);
  await expect.poll(states, soon).toEqual(['completed']);
});

test('a job that kills its process each time is given up, and no other with it', async () => {
  const made = calls<number>();
  const poison = workWith(async ({ attempt }) => made.note(attempt), { attempts: 3 });
  await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  await jobs.takeAndLeaveTimes(3);
  await jobs.work([poison]);
  await expect.poll(states, soon).toEqual(['failed']);
  expect(made.made).toEqual([]);
  expect(await jobs.rows()).toMatchObject([
    { attempts: 3, last_error: 'No attempt came to its end' },
  ]);
});

test('with once, who is killed after the commit has done it, and nobody does it again', async () => {
  const { database } = jobs.services;
  const effects = calls<string>();
  const effect = ({ key }: { key: string }) =>
    database.transaction(async (tx) => {
      if (await once(tx, key)) effects.note(key);
    });
  const key = await enqueue();
  await expect.poll(states, soon).toEqual(['waiting']);
  await jobs.takeAndLeave();
  // What was killed had come so far.
  await effect({ key });

  const begun = calls<number>();
  const job = workWith(async (context) => {
    begun.note(context.attempt);
    await effect(context);
  });
  await jobs.work([job], { stalledPause: 50 });
  await begun.until(1);
  await expect.poll(states, soon).toEqual(['completed']);
  expect(effects.made).toEqual([key]);
});

test('with once, of several at the same time one does it, and what was rolled back is not done', async () => {
  const { database } = jobs.services;
  const undone = database.transaction(async (tx) => {
    await once(tx, 'same');
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  const tries = Array.from({ length: 5 }, () => database.transaction((tx) => once(tx, 'same')));
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  expect(await database.transaction((tx) => once(tx, 'same', 'another'))).toBe(true);
});
