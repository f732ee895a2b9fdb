import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineJob } from '#app/platform/jobs/define-job.ts';
import { enqueueJob } from '#app/platform/jobs/enqueue-job.ts';
import { sealJob } from '#app/platform/jobs/seal-job.ts';
import { readOrder } from '../../src/commands/jobs/order.ts';
import { runJobs } from '../../src/commands/jobs/run-jobs.ts';
import { runCommand, runHere } from '../support/command.ts';
import { sealingSecrets } from '../support/sealing.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs(sealingSecrets);

const run = (...args: string[]) =>
  runHere((print) => runJobs(readOrder(args), jobs.services, print));

const jobWith = (handle: (text: string) => Promise<void>) =>
  defineJob({
    name: 'note',
    payload: z.strictObject({ text: z.string() }),
    attempts: 1,
    handle: ({ text }) => handle(text),
  });
const failing = jobWith(() => Promise.reject(new TypeError('no')));

const query = async (statement: string, values: unknown[] = []) =>
  (await jobs.database.connection.query<RowDataPacket[]>(statement, values))[0];

let written = 0;
/** Writes a job as if it had come so far. */
async function write(state: string, due = 'NULL'): Promise<string> {
  const id = `job-${(written += 1)}`;
  const payload = sealJob(
    jobs.services.sealing,
    { id, name: 'note', accountId: null },
    { text: id },
  );
  await query(
    `INSERT INTO queue_jobs (id, name, payload, state, attempts, last_error, available_at, finished_at, next_at)
     SELECT ?, 'note', ?, ?, 3, 'TypeError', ${due}, IF(? = 'waiting', NULL, UTC_TIMESTAMP(3)),
       UTC_TIMESTAMP(3) + INTERVAL 1 HOUR`,
    [id, payload, state, state],
  );
  return id;
}

test('it lists what failed and what waits, without what is in it', async () => {
  const failed = await write('failed');
  const waiting = await write('waiting', 'UTC_TIMESTAMP(3)');
  await write('completed');
  const [machine, person] = await Promise.all([run('list', '--json'), run('list')]);
  expect([machine.code, machine.errors]).toEqual([0, '']);
  const { jobs: listed } = JSON.parse(machine.output);
  expect(listed).toMatchObject([
    { id: failed, name: 'note', state: 'failed', attempts: 3, lastError: 'TypeError' },
    { id: waiting, state: 'waiting' },
  ]);
  expect(listed[0]).not.toHaveProperty('payload');
  expect(person.output).toContain(`${failed}  failed     note  3 attempts  TypeError\n`);
});

test('each state has its own jobs', async () => {
  const [failed, completed] = [await write('failed'), await write('completed')];
  const waiting = await write('waiting', 'UTC_TIMESTAMP(3)');
  const delayed = await write('waiting', 'UTC_TIMESTAMP(3) + INTERVAL 1 HOUR');
  const begun = calls<string>();
  const ending = Promise.withResolvers<void>();
  await jobs.work([
    jobWith(async (text) => {
      begun.note(text);
      await ending.promise;
    }),
  ]);
  const active = await jobs.services.database.transaction((tx) =>
    enqueueJob(jobs.services.outbox, tx, failing, { text: 'active' }),
  );
  await begun.until(1);
  const ids = async (state: string) =>
    JSON.parse((await run('list', '--state', state, '--json')).output).jobs.map(
      ({ id }: { id: string }) => id,
    );
  for (const [state, id] of Object.entries({ failed, completed, waiting, delayed, active })) {
    expect([state, await ids(state)]).toEqual([state, [id]]);
  }
  expect(await run('discard', active)).toMatchObject({
    code: 3,
    errors: `${active} is under way just now: look again when it is over.\n`,
  });
  ending.resolve();
  await expect.poll(() => ids('completed'), soon).toContain(active);
});

test('schedules are listed with what they are', async () => {
  const { output } = await run('list', '--state', 'scheduled', '--json');
  const { schedules } = JSON.parse(output);
  expect(schedules).toContainEqual(
    expect.objectContaining({ name: 'report-given-up', when: '0 6 * * *' }),
  );
  expect((await run('list', '--state', 'scheduled')).output).toContain(
    'report-given-up  0 6 * * *',
  );
});

test('a job that failed is retried once, and done; the audit log says by whom', async () => {
  const failed = await jobs.work([failing]);
  const key = await jobs.services.database.transaction((tx) =>
    enqueueJob(jobs.services.outbox, tx, failing, { text: 'again' }),
  );
  const state = async () => (await jobs.rows())[0]?.['state'];
  await expect.poll(state, soon).toBe('failed');
  await failed.close();

  const retries = await Promise.all([run('retry', key), run('retry', key)]);
  expect(retries.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 3]);
  expect(await jobs.rows()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
  expect(
    await query('SELECT actor, action FROM audit_log WHERE subject = ?', [`job:${key}`]),
  ).toEqual([{ actor: expect.stringMatching(/^operator:./), action: 'job.retried' }]);
  const done = calls<string>();
  await jobs.work([jobWith(async (text) => done.note(text))]);
  expect(await done.until(1)).toEqual(['again']);
  await expect.poll(state, soon).toBe('completed');
});

test('all that failed is retried at once, and nothing else', async () => {
  const failed = [await write('failed'), await write('failed')];
  const [waiting, completed] = [await write('waiting'), await write('completed')];
  const { code, output } = await run('retry', '--all', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(output).results).toHaveLength(2);
  const states = Object.fromEntries((await jobs.rows()).map(({ id, state }) => [id, state]));
  expect(states).toEqual({
    ...Object.fromEntries(failed.map((id) => [id, 'waiting'])),
    [waiting]: 'waiting',
    [completed]: 'completed',
  });
  expect(await run('retry', '--all')).toMatchObject({ code: 0, output: 'There is nothing.\n' });
});

test('what is discarded is not done, nor kept, in Redis either', async () => {
  const key = await jobs.services.database.transaction((tx) =>
    enqueueJob(jobs.services.outbox, tx, failing, { text: 'discarded' }),
  );
  const inRedis = () =>
    jobs.services.jobQueue.connection.exists(`${jobs.services.jobQueue.prefix}:jobs:${key}`);
  await expect.poll(inRedis, soon).toBe(1);
  expect(await run('discard', key)).toMatchObject({
    code: 0,
    output: `${key} will not be done.\n`,
  });
  expect(await inRedis()).toBe(0);
  expect(await jobs.rows()).toMatchObject([
    { id: key, state: 'discarded', payload: Buffer.alloc(0) },
  ]);
  expect(await query('SELECT action FROM audit_log WHERE subject = ?', [`job:${key}`])).toEqual([
    { action: 'job.discarded' },
  ]);
});

test('as a command: what is not there or done already is said, the rest is done', async () => {
  const [failed, completed] = [await write('failed'), await write('completed')];
  const { REDIS_PREFIX, REDIS_URL = '' } = jobs.services.settings;
  const args = ['discard', 'no-such-job', completed, failed, '--json'];
  const { code, output, errors } = await runCommand('jobs.ts', args, {
    DATABASE_URL: jobs.database.url,
    REDIS_URL,
    REDIS_PREFIX,
    ...sealingSecrets,
  });
  expect(JSON.parse(output)).toEqual({
    results: [
      { id: 'no-such-job', outcome: 'missing' },
      { id: completed, outcome: 'completed' },
      { id: failed, outcome: 'done' },
    ],
  });
  expect(code).toBe(3);
  expect(errors).toContain('no-such-job is not there.');
});

test('without Redis what failed is listed and retried; what is under way is not known', async () => {
  const failed = await write('failed');
  const waiting = await write('waiting', 'UTC_TIMESTAMP(3)');
  const { connection } = jobs.services.jobQueue;
  connection.disconnect();
  try {
    expect((await run('list', '--state', 'failed')).output).toContain(failed);
    expect((await run('list', '--state', 'waiting')).output).toContain(waiting);
    expect(await run('list', '--state', 'active')).toMatchObject({
      code: 3,
      errors: expect.stringContaining('Redis'),
    });
    expect(await run('discard', waiting)).toMatchObject({ code: 3 });
    expect((await jobs.rows()).map(({ state }) => String(state))).toEqual(['failed', 'waiting']);
    expect(await run('retry', failed)).toMatchObject({ code: 0 });
  } finally {
    await connection.connect();
  }
});

test('wrong arguments are a sentence and exit code 2', async () => {
  expect(await run('list', '--state', 'lost')).toEqual({
    code: 2,
    output: '',
    errors: '--state is one of failed, waiting, delayed, active, completed, scheduled.\n',
  });
});

test.for([
  [[], 'Usage'],
  [['enqueue'], 'Usage'],
  [['retry'], 'Usage'],
  [['list', 'all'], 'Usage'],
  [['list', '--all'], 'Usage'],
  [['retry', 'job-1', '--all'], 'Usage'],
  [['retry', 'job-1', '--state', 'failed'], 'Usage'],
  [['discard', '--all'], 'Usage'],
  [['list', '--dead'], '--dead'],
  [['list', '--limit', '0'], '--limit'],
  [['discard', "x' OR '1'='1"], 'is no id'],
] as const)('arguments such as %j are wrong', ([args, message]) => {
  expect(() => readOrder([...args])).toThrow(message);
});
