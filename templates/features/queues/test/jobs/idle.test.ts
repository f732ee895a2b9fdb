import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServices, type OpenedServices } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import { openJobWorker } from '#app/platform/jobs/worker.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startOwnRedis, type OwnRedis } from '../support/own-redis.ts';
import { ownVariables, testSettings } from '../support/service.ts';
import { soon } from './support/jobs.ts';

const lines: string[] = [];
let database: TestDatabase;
let redis: OwnRedis;
let opened: OpenedServices;

beforeAll(async () => {
  database = await createTestDatabase();
  redis = await startOwnRedis();
  const settings = testSettings(database, { ...(await ownVariables()), REDIS_URL: redis.url });
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

/** For how many seconds the connection has been there that waits for a job. */
async function ageOfWaiting(): Promise<number> {
  const clients = String(await opened.services.jobQueue.connection.client('LIST'));
  const waiting = clients.split('\n').find((line) => line.includes('cmd=bzpopmin')) ?? '';
  return Number(/ age=(\d+)/.exec(waiting)?.[1] ?? 0);
}
