// Jobs whose workers and whose Redis are killed and frozen: none is lost, and none whose effect is
// declared to be made once has it twice.
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { Program } from '../../scripts/lib/program.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { root } from '../../scripts/lib/root.ts';
import { plain } from './support/choices.ts';
import { type JobName, Jobs, patiently } from './support/jobs.ts';
import { OwnRedis } from './support/own-redis.ts';
import { makeProject, prepare, type Project } from './support/project.ts';

const preload = pathToFileURL(join(root, 'test/projects/support/kill-job-at.ts')).href;
const second = 1000;
const crashes = countOf('CRASHES');
const kills = countOf('KILLS');
const random = randomFrom(seed());

let project: Project;
let settings: Record<string, string>;
let jobs: Jobs;
let started: Program[] = [];

beforeAll(async () => {
  project = await makeProject({ ...plain, features: ['redis', 'queues'] });
  settings = await prepare(project, inject('serverUrl'));
  jobs = await Jobs.in(project, settings);
});

afterEach(async () => {
  await Promise.all(started.filter(({ running }) => running).map((one) => one.stop('SIGKILL')));
  started = [];
});

const delivering = [
  'after it is claimed',
  'before it is kept',
  'after it is kept',
  'before it is added',
  'after it is added',
  'before it is delivered',
  'after it is delivered',
];
const working = [
  'before it is taken',
  'after it is taken',
  'before its effect',
  'after its effect',
  'before its commit',
  'after its commit',
  'before it is marked',
  'after it is marked',
  'before it is acknowledged',
  'after it is acknowledged',
];

describe('a process is killed at each point of the way of a job', () => {
  test(
    'SIGKILL of who delivers it into the queue: each is done, and once',
    { timeout: (900 + crashes * delivering.length * 20) * second },
    async () => {
      const points = repeated(delivering);
      const keys = await jobs.enqueue(points.map(() => 'at-least-once'));
      for (const [index, point] of points.entries()) {
        await jobs.release(keys.slice(index, index + 1));
        await killed(await start('src/main.ts', { KILL_AT: point }), point);
      }
      await start('src/worker.ts');
      await jobs.minutesLater();
      await jobs.untilDone(keys);
      await expectEffects(points, keys, 1);
    },
  );

  test(
    'SIGKILL of who does it: each is done, and has the effect once that is declared so',
    { timeout: (900 + crashes * working.length * 20) * second },
    async () => {
      const points = repeated(working);
      const keys = await jobs.enqueue(points.map(() => 'once'));
      for (const [index, point] of points.entries()) {
        await jobs.release(keys.slice(index, index + 1));
        await killed(await start('src/worker.ts', { KILL_AT: point }), point);
      }
      await takeOver();
      await jobs.untilDone(keys);
      await expectEffects(points, keys, 1);
    },
  );

  test('without that it has its effect again where nobody wrote down that it was made', async () => {
    const [key = ''] = await jobs.enqueue(['at-least-once']);
    await jobs.release([key]);
    await killed(await start('src/worker.ts', { KILL_AT: 'before it is marked' }), 'marking');
    await takeOver();
    await jobs.untilDone([key]);
    expect(await jobs.effects([key])).toEqual([2]);
  });
});

test(
  'SIGKILL of workers at random moments under load: no job is lost, none has its effect twice',
  { timeout: (900 + kills * 10) * second },
  async () => {
    const batch = 20;
    const names = Array.from({ length: kills * batch }, (_, index) => nameOf(index));
    const keys = await jobs.enqueue(names);
    const workers = [await start('src/worker.ts'), await start('src/worker.ts')];
    for (let kill = 0; kill < kills; kill += 1) {
      const released = keys.slice(kill * batch, kill * batch + batch);
      await jobs.release(released);
      await untilSome(released);
      workers[kill % 2]?.signal('SIGKILL');
      await workers[kill % 2]?.exitCode;
      workers[kill % 2] = await start('src/worker.ts');
    }
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    await takeOver();
    await jobs.untilDone(keys);
    await expectAllEffects(names, keys);
  },
);

describe('Redis is taken away under load', () => {
  let redis: OwnRedis;

  const useRedis = async (...memory: Parameters<typeof OwnRedis.start>): Promise<void> => {
    redis = await OwnRedis.start(...memory);
    jobs = Jobs.on(jobs, redis.url);
  };
  afterEach(async () => {
    await Promise.all(started.filter(({ running }) => running).map((one) => one.stop('SIGKILL')));
    await redis.stop();
    jobs = Jobs.on(jobs, settings['REDIS_URL'] ?? '');
  });

  const ways = [
    { how: 'SIGKILL, and it has forgotten everything', memory: 'nothing', freeze: false },
    { how: 'SIGKILL, and it comes back with what it had', memory: 'everything', freeze: false },
    { how: 'SIGSTOP and SIGCONT', memory: 'nothing', freeze: true },
  ] as const;

  test.for(ways)(
    '$how: no job is lost, and none has its effect twice that is declared so',
    { timeout: (900 + kills * 20) * second },
    async ({ memory, freeze }) => {
      await useRedis(memory);
      const batch = 40;
      const names = Array.from({ length: kills * batch }, (_, index) => nameOf(index));
      const keys = await jobs.enqueue(names);
      await start('src/main.ts');
      await start('src/worker.ts');
      await start('src/worker.ts');
      for (let kill = 0; kill < kills; kill += 1) {
        const released = keys.slice(kill * batch, kill * batch + batch / 2);
        await jobs.release(released);
        await untilSome(released);
        if (freeze) redis.freeze();
        else redis.kill();
        // What is enqueued while it is gone is not refused, and not forgotten.
        const meanwhile = keys.slice(kill * batch + batch / 2, kill * batch + batch);
        await jobs.release(meanwhile);
        await jobs.untilDelivered(meanwhile);
        if (freeze) redis.thaw();
        else await redis.startAgain();
        await jobs.untilDone([...released, ...meanwhile]);
      }
      await expectAllEffects(names, keys);
    },
  );

  test('SIGKILL, and it comes back with what it had long ago: what is over is not done again', async () => {
    await useRedis('what was saved');
    const keys = await jobs.enqueue(Array.from({ length: 20 }, () => 'at-least-once'));
    await jobs.release(keys);
    const web = await start('src/main.ts');
    await jobs.untilHandedOver(keys);
    await web.stop('SIGTERM');
    await jobs.onRedis((client) => client.save());

    await start('src/worker.ts');
    await jobs.untilDone(keys);
    redis.kill();
    await redis.startAgain();
    await expect.poll(() => jobs.inRedis('wait'), patiently).toBe(0);
    await expect.poll(() => jobs.inRedis('active'), patiently).toBe(0);
    expect(await jobs.effects(keys)).toEqual(keys.map(() => 1));
  });
});

test('SIGTERM while a job runs lets it end, and nobody does it again', async () => {
  const [key = ''] = await jobs.enqueue(['patient']);
  await jobs.release([key]);
  const worker = await start('src/worker.ts');
  const begun = () => query(jobs.database, `SELECT job_key FROM begun WHERE job_key = '${key}'`);
  await expect.poll(begun, patiently).toHaveLength(1);

  worker.signal('SIGTERM');
  await worker.until(/"stopping"/);
  expect(await jobs.effects([key])).toEqual([0]);
  await query(jobs.database, `INSERT INTO may_end (job_key) VALUES ('${key}')`);
  expect(await worker.exitCode).toBe(0);
  await jobs.untilDone([key]);
  expect(await jobs.effects([key])).toEqual([1]);
  expect(await jobs.inRedis('active')).toBe(0);
});

test('a job with a schedule is done once each time, by two workers', async () => {
  await query(jobs.database, `DELETE FROM effects WHERE job_key LIKE 'ticking@%'`);
  const own = { TICKING: 'yes' };
  await Promise.all([start('src/worker.ts', own), start('src/worker.ts', own)]);
  const runs = () =>
    query(
      jobs.database,
      `SELECT job_key, COUNT(*) AS count FROM effects WHERE job_key LIKE 'ticking@%' GROUP BY job_key`,
    );
  await expect.poll(async () => (await runs()).length, patiently).toBeGreaterThanOrEqual(4);
  expect((await runs()).filter(({ count }) => Number(count) !== 1)).toEqual([]);
});

const nameOf = (index: number): JobName => (index % 2 === 0 ? 'once' : 'at-least-once');

const repeated = (points: readonly string[]): string[] =>
  points.flatMap((point) => Array.from({ length: crashes }, () => point));

/** Starts a process of the project, and waits until it works where it is not to be killed. */
async function start(script: string, own: Record<string, string> = {}): Promise<Program> {
  const env = cleanEnvironment({ ...jobs.settings, PORT: String(await freePort()), ...own });
  const args = [...(own['KILL_AT'] === undefined ? [] : ['--import', preload]), script];
  const program = new Program(process.execPath, args, { cwd: project.folder, env });
  started.push(program);
  if (own['KILL_AT'] === undefined) await program.until(/"(listening|working)"/);
  return program;
}

async function killed(program: Program, point: string): Promise<void> {
  const code = await Promise.race([program.exitCode, delay(60 * second, 'still running')]);
  expect(code, `${point}: ${program.output}`).toBeNull();
}

/** Other workers find what killed ones have left: the second to look for that hands it out again. */
async function takeOver(): Promise<void> {
  for (let look = 0; look < 2; look += 1) {
    await jobs.minutesLater();
    await start('src/worker.ts');
  }
}

/** Waits until some of them are done: how many is left to chance. */
async function untilSome(keys: readonly string[]): Promise<void> {
  const some = Math.floor(random() * keys.length);
  const done = async () => (await jobs.effects(keys)).filter((count) => count > 0).length;
  await expect.poll(done, { ...patiently, interval: 20 }).toBeGreaterThanOrEqual(some);
}

async function expectEffects(points: readonly string[], keys: readonly string[], count: number) {
  const effects = await jobs.effects(keys);
  expect(points.map((point, index) => ({ point, effects: effects[index] }))).toEqual(
    points.map((point) => ({ point, effects: count })),
  );
}

async function expectAllEffects(names: readonly JobName[], keys: readonly string[]) {
  const effects = await jobs.effects(keys);
  const wrong = names.filter((name, index) => {
    const count = effects[index] ?? 0;
    return name === 'once' ? count !== 1 : count < 1;
  });
  expect(wrong).toEqual([]);
}
