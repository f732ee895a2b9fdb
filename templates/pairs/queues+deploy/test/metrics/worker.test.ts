// A process that does jobs shows its metrics too.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#app/log.ts';
import { startWorker } from '#app/platform/jobs/start-worker.ts';
import type { Running } from '#app/process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ownVariables, testSettings } from '../support/service.ts';

let database: TestDatabase;
let worker: Running;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = testSettings(database, { ...(await ownVariables()), METRICS_PORT: '0' });
  const lines: Record<string, unknown>[] = [];
  const log = createLog(settings, { write: (line) => void lines.push(JSON.parse(line)) });
  worker = await startWorker(settings, log);
  url = String(lines.find(({ msg }) => msg === 'metrics')?.['url']);
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

test('the metrics of a worker have the jobs by their state', async () => {
  await database.connection.query(
    `INSERT INTO queue_jobs (id, name, payload, state, next_at)
      VALUES ('a', 'b', '', 'failed', UTC_TIMESTAMP(3))`,
  );
  const text = await (await fetch(url)).text();
  expect(text).toMatch(/^jobs\{state="failed"\} 1$/m);
  expect(text).toMatch(/^jobs\{state="waiting"\} 0$/m);
  expect(text).toMatch(/^database_up 1$/m);
});
