// The connection by which a worker waits for jobs.
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openServices, type OpenedServices } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import { defineJob } from '#app/platform/jobs/define-job.ts';
import { enqueueJob } from '#app/platform/jobs/enqueue-job.ts';
import { openJobWorker } from '#app/platform/jobs/worker.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startOwnRedis, type OwnRedis } from '../support/own-redis.ts';
import { ownVariables, testSettings } from '../support/service.ts';
import { calls, soon } from './support/jobs.ts';

const lines: string[] = [];
let database: TestDatabase;
let redis: OwnRedis;
let opened: OpenedServices;

beforeAll(async () => {
  database = await createTestDatabase();
  redis = await startOwnRedis();
  const own = { ...(await ownVariables()), REDIS_URL: redis.url, JOBS_WORKERS: '1' };
  const settings = testSettings(database, own);
  opened = await openServices(settings, createLog(settings, { write: (line) => lines.push(line) }));
});
afterAll(async () => {
  await opened.close();
  await redis.close();
  await database.drop();
});

test('who has nothing to do waits on one connection, and looks away at no time', async () => {
  const worker = await openJobWorker(opened.services, { jobs: [] });
  try {
    // Longer than a service waits for any other answer.
    await expect.poll(ageOfWaiting, soon).toBeGreaterThan(3);
    expect(lines.filter((line) => line.includes('"level":"warn"'))).toEqual([]);
  } finally {
    await worker.close();
  }
});

test('who waits for an answer when Redis is killed goes on when it is back', async () => {
  const begun = calls<string>();
  let ending = Promise.withResolvers<void>();
  const job = defineJob({
    name: 'work',
    payload: z.strictObject({}),
    handle: async (_payload, { key }) => {
      begun.note(key);
      await ending.promise;
    },
  });
  const { database: rows, outbox } = opened.services;
  const enqueue = () => rows.transaction((tx) => enqueueJob(outbox, tx, job, {}));
  const worker = await openJobWorker(opened.services, { jobs: [job] });
  try {
    for (let kill = 0; kill < 3; kill += 1) {
      const key = await enqueue();
      await begun.until(kill + 1);
      await redis.freeze();
      ending.resolve();
      await expect.poll(() => stateOf(key), soon).toBe('completed');
      // That it is done is told to Redis now, which never answers.
      await redis.kill();
      ending = Promise.withResolvers();
      await redis.start();
    }
    ending.resolve();
    const last = await enqueue();
    await expect.poll(() => stateOf(last), soon).toBe('completed');
  } finally {
    await worker.close();
  }
});

async function stateOf(key: string): Promise<unknown> {
  const statement = 'SELECT state FROM queue_jobs WHERE id = ?';
  const [rows] = await database.connection.query<RowDataPacket[]>(statement, [key]);
  return rows[0]?.['state'];
}

/** For how many seconds the connection has been there that waits for a job. */
async function ageOfWaiting(): Promise<number> {
  const clients = String(await opened.services.jobQueue.connection.client('LIST'));
  const waiting = clients.split('\n').find((line) => line.includes('cmd=bzpopmin')) ?? '';
  return Number(/ age=(\d+)/.exec(waiting)?.[1] ?? 0);
}
